// One copy of the map and what keeps it equal to the others: this is how raft is embedded.
#ifndef BLIXARD_EXAMPLES_RAFT_KV_KEY_VALUE_REPLICA_H_
#define BLIXARD_EXAMPLES_RAFT_KV_KEY_VALUE_REPLICA_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "examples/raft_kv/key_value.pb.h"
#include "examples/raft_kv/key_value_map.h"
#include "raft/runtime/leadership_listener.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/wal.h"

namespace blixard::example {

class KeyValueReplica {
 public:
  // Recovers what `directory` holds, or makes it. `transport`, which brings what peers send to
  // replica(), and `leadership`, which may be null, outlive the replica.
  static absl::StatusOr<std::unique_ptr<KeyValueReplica>> Start(
      const raft::ReplicaConfig& config, const std::string& directory, raft::Transport& transport,
      raft::LeadershipListener* leadership);

  // Carries a request out, or says that it did not. Any thread; waits for the answer.
  Reply Ask(const Request& request);

  raft::Replica& replica() { return *replica_; }

 private:
  KeyValueReplica() = default;
  raft::PosixFileSystem files_;
  std::unique_ptr<raft::Wal> wal_;
  std::unique_ptr<raft::SnapshotStore> snapshots_;
  KeyValueMap map_;
  raft::PassThroughPlanner planner_;
  std::unique_ptr<raft::Replica> replica_;  // uses all of the above
};

}  // namespace blixard::example

#endif  // BLIXARD_EXAMPLES_RAFT_KV_KEY_VALUE_REPLICA_H_
