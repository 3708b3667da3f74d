// A replica whose log and snapshots are files of one directory: what most programs embed. Whoever
// keeps them elsewhere, or shares a disk in another way, puts a Replica together (replica.h).
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_ON_DISK_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_ON_DISK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/runtime/leadership_listener.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/state_machine.h"
#include "raft/runtime/transport.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/wal.h"
#include "raft/storage/wal_options.h"

namespace blixard::raft {

// Owned by the caller, outliving the replica.
struct ReplicaOnDiskParts {
  Transport& transport;
  StateMachine& state_machine;               // empty
  Planner* planner = nullptr;                // null: entries are requests as they came
  LeadershipListener* leadership = nullptr;  // null = nobody asks
};

struct DiskOptions {
  std::string directory;  // of this replica alone; made if missing
  // With less room proposals are refused, with less than half of it snapshots wait.
  uint64_t reserve_bytes = WalOptions().reserve_bytes;
};

class ReplicaOnDisk {
 public:
  // Recovers what the directory holds: wal/ and snapshots/. Writes to the process's log what it
  // found, what a crash had torn and was cut, and which snapshots are damaged. `on_failure` and
  // errors as for Replica::Start; besides those of Wal::Open and SnapshotStore::Open.
  static absl::StatusOr<std::unique_ptr<ReplicaOnDisk>> Start(
      const ReplicaConfig& config, const DiskOptions& disk, const ReplicaOnDiskParts& parts,
      std::function<void(const absl::Status&)> on_failure);

  // Valid as long as this object, which stops it in the end.
  Replica& replica() { return *replica_; }
  const Replica& replica() const { return *replica_; }

 private:
  ReplicaOnDisk() = default;

  PosixFileSystem files_;
  std::unique_ptr<Wal> wal_;
  std::unique_ptr<SnapshotStore> snapshots_;
  PassThroughPlanner pass_through_;
  std::unique_ptr<Replica> replica_;  // uses all of the above
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_ON_DISK_H_
