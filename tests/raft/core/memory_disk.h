// What one replica has written, and how much of it would survive a crash now.
#ifndef BLIXARD_TESTS_RAFT_CORE_MEMORY_DISK_H_
#define BLIXARD_TESTS_RAFT_CORE_MEMORY_DISK_H_

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "raft/core/entry.h"
#include "raft/core/raw_node.h"
#include "raft/core/ready_batch.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"

namespace blixard::raft {

class MemoryDisk {
 public:
  explicit MemoryDisk(SnapshotMeta first) : snapshot_(std::move(first)) {}

  // Writes in the order of a log: a snapshot together with the hard state, or the hard state; then
  // each entry. CHECKs that no entry leaves a hole and that none replaces what is known to be
  // committed.
  void Append(const ReadyAppend& append);
  void Sync();

  // A snapshot of this replica's own state; durable at once. The log stays as it is.
  void SaveSnapshot(const SnapshotMeta& snapshot);
  // Drops entries up to `through`; CHECKs that the snapshot covers them.
  void Compact(LogIndex through);

  size_t unsynced_writes() const { return unsynced_.size(); }
  // The first `kept` of the unsynced writes survive, the others are lost.
  void Crash(size_t kept);

  // What is durable.
  const HardState& hard_state() const { return hard_state_; }
  const SnapshotMeta& snapshot() const { return snapshot_; }
  const std::vector<Entry>& entries() const { return entries_; }  // behind base()
  LogIndex base() const { return base_; }
  // Entry or snapshot: committed things in a snapshot are held, too.
  bool Holds(const EntryId& id) const;
  // As a replica that starts finds it. What the state machine holds is in the snapshot.
  RestoredLog Restored() const;

 private:
  struct Write {
    std::optional<SnapshotMeta> snapshot;
    std::optional<HardState> hard_state;
    std::optional<Entry> entry;
  };
  void Keep(size_t writes);
  void KeepHardState(const HardState& hard_state);
  void KeepEntry(const Entry& entry);

  HardState hard_state_;
  SnapshotMeta snapshot_;
  LogIndex base_;  // entries_ begin behind it; not above the snapshot's end
  std::vector<Entry> entries_;
  std::vector<Write> unsynced_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_MEMORY_DISK_H_
