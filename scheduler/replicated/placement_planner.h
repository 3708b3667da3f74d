// Decide, then propose: turns requests into decisions on the leader, so that the log carries what
// was decided and replicas need not choose again.
#ifndef BLIXARD_SCHEDULER_REPLICATED_PLACEMENT_PLANNER_H_
#define BLIXARD_SCHEDULER_REPLICATED_PLACEMENT_PLANNER_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/planner.h"
#include "scheduler/replicated/command.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "scheduler/replicated/planned_state.h"

namespace blixard::scheduler {

// Thread-safety as raft::Planner demands: one thread plans while another applies.
class PlacementPlanner : public raft::Planner {
 public:
  // A payload of this capacity takes any one request.
  static constexpr size_t kMinPayloadBytes = kCommandHeaderBytes + kMaxCommandBytes;

  // `applied` is the state machine of the same replica and must outlive the planner.
  explicit PlacementPlanner(const PlacementStateMachine& applied);

  void BeginTerm(raft::Term term) override;
  void EndTerm() override;

  // A request that cannot be decoded takes its place in the batch with the outcome kInvalid. One
  // that was carried out before, or is in flight, is written again and gets the first one's
  // outcome. When a new checkpoint is there the entry also tells all replicas to compare digests at
  // it. CHECKs: between BeginTerm and EndTerm, `index` above that of the last call, room for one
  // request.
  size_t Plan(raft::LogIndex index, absl::Span<const absl::string_view> requests,
              memory::Buffer& payload) override;

  // What the next Plan would start from.
  const PlannedState& planned() const { return planned_; }

 private:
  Command Decide(absl::string_view request) const;
  void AppendComparison(const Command& first, CommandWriter& writer);

  const PlacementStateMachine& applied_;
  PlannedState planned_;
  raft::Term term_;          // 0: not leading
  raft::LogIndex compared_;  // the checkpoint compared last in this term
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_PLACEMENT_PLANNER_H_
