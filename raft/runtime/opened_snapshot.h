// A snapshot on its way into the state machine.
#ifndef BLIXARD_RAFT_RUNTIME_OPENED_SNAPSHOT_H_
#define BLIXARD_RAFT_RUNTIME_OPENED_SNAPSHOT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/storage/snapshot_store.h"

namespace blixard::raft {

// Opened when it is decided that it takes the log's place: until the state machine's turn comes the
// store may have removed it, as it keeps only the newest ones.
struct OpenedSnapshot {
  EntryId last;
  // Null at the group's beginning, which has no data. An error: why there are none to be had.
  absl::StatusOr<std::unique_ptr<SnapshotSource>> data = nullptr;
};

// What SnapshotStore::Open gives, as state machines take it.
absl::StatusOr<std::unique_ptr<SnapshotSource>> OpenData(const SnapshotStore& store,
                                                         const EntryId& last);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_OPENED_SNAPSHOT_H_
