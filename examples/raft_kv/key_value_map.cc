#include "examples/raft_kv/key_value_map.h"

#include <optional>

#include "absl/status/statusor.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/snapshot_bytes.h"

namespace blixard::example {

Reply KeyValueMap::Read(const std::string& key) const {
  Reply reply;
  std::lock_guard lock(mutex_);
  if (const auto found = map_.find(key); found != map_.end()) reply.set_result(found->second);
  return reply;
}

void KeyValueMap::Apply(raft::EntryId, absl::string_view payload, raft::OutcomeSink& outcomes) {
  raft::PassThroughReader reader(payload);
  for (size_t position = 0;; ++position) {
    const absl::StatusOr<std::optional<absl::string_view>> bytes = reader.Next();
    if (!bytes.ok() || !bytes->has_value()) return;
    Request request;
    if (!request.ParseFromArray((*bytes)->data(), static_cast<int>((*bytes)->size()))) continue;
    outcomes.Set(position, CarryOut(request).SerializeAsString());
  }
}

Reply KeyValueMap::CarryOut(const Request& request) {
  const Reply before = Read(request.key());
  const bool as_expected =
      before.has_result() == request.has_expected() && before.result() == request.expected();
  if (request.kind() == Request::WRITE || (request.kind() == Request::CAS && as_expected)) {
    std::lock_guard lock(mutex_);
    map_[request.key()] = request.value();
  }
  return before;
}

// Encodes the whole map at once: fine for a small one. A large state would be shared with the view
// and copied piece by piece as it changes.
std::unique_ptr<raft::StateView> KeyValueMap::Freeze() {
  Snapshot snapshot;
  std::lock_guard lock(mutex_);
  for (const auto& [key, value] : map_) {
    Snapshot::Pair& pair = *snapshot.add_pairs();
    pair.set_key(key);
    pair.set_value(value);
  }
  return std::make_unique<raft::EncodedView>(snapshot.SerializeAsString());
}

absl::Status KeyValueMap::Restore(raft::SnapshotSource& source) {
  const absl::StatusOr<std::string> bytes = raft::ReadAll(source);
  if (!bytes.ok()) return bytes.status();
  Snapshot snapshot;
  if (!snapshot.ParseFromString(*bytes)) return absl::DataLossError("snapshot: want a map");
  std::lock_guard lock(mutex_);
  map_.clear();
  for (const Snapshot::Pair& pair : snapshot.pairs()) map_[pair.key()] = pair.value();
  return absl::OkStatus();
}

}  // namespace blixard::example
