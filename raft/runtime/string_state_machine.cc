#include "raft/runtime/string_state_machine.h"

#include <optional>

#include "absl/status/statusor.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/snapshot_bytes.h"

namespace blixard::raft {

void StringStateMachine::Apply(EntryId, absl::string_view payload, OutcomeSink& outcomes) {
  PassThroughReader reader(payload);
  for (size_t position = 0;; ++position) {
    const absl::StatusOr<std::optional<absl::string_view>> request = reader.Next();
    if (!request.ok() || !request->has_value()) return;
    outcomes.Set(position, CarryOut(**request));
  }
}

std::unique_ptr<StateView> StringStateMachine::Freeze() {
  return std::make_unique<EncodedView>(Save());
}

absl::Status StringStateMachine::Restore(SnapshotSource& source) {
  const absl::StatusOr<std::string> state = ReadAll(source);
  return state.ok() ? Load(*state) : state.status();
}

}  // namespace blixard::raft
