// From what the disk holds to where a replica starts: the newest snapshot in the state machine, the
// log behind it for the protocol core.
#ifndef BLIXARD_RAFT_RUNTIME_RESTORE_STATE_H_
#define BLIXARD_RAFT_RUNTIME_RESTORE_STATE_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "raft/core/configuration.h"
#include "raft/core/raw_node.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {

// Opens the data of a durable snapshot.
using SnapshotOpener = std::function<absl::StatusOr<std::unique_ptr<SnapshotSource>>(EntryId last)>;

struct DiskState {
  LogStorage& storage;  // where `log` comes from
  RecoveredLog log;
  std::optional<SnapshotMeta> snapshot;  // the newest, durable
  SnapshotOpener open_snapshot;          // may be empty without a snapshot
  Configuration bootstrap;  // how the group began, if this replica was there; else empty
};

// `state_machine` is empty. A snapshot that the log does not reach or contradicts replaces the log,
// in `storage` too (a crash came between the two; a snapshot holds nothing that is not committed,
// so it wins: openraft ac3e5a8, hashicorp/raft #697). kDataLoss when entries between the snapshot
// and the log are missing: the state machine would silently stay behind (dragonboat #45); or when
// nothing tells whose entries these are; and what Restore and the storage say.
absl::StatusOr<RestoredLog> RestoreState(DiskState disk, StateMachine& state_machine);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_RESTORE_STATE_H_
