#include "tests/raft/core/memory_disk.h"

#include <glog/logging.h>

#include <utility>

namespace blixard::raft {

void MemoryDisk::Append(const ReadyAppend& append) {
  if (append.snapshot.has_value()) CHECK(append.hard_state.has_value());
  if (append.hard_state.has_value()) {
    unsynced_.push_back(
        {.snapshot = append.snapshot, .hard_state = append.hard_state, .entry = {}});
  }
  for (const Entry& entry : append.entries) {
    unsynced_.push_back({.snapshot = {}, .hard_state = {}, .entry = entry});
  }
}

void MemoryDisk::Sync() { Keep(unsynced_.size()); }

void MemoryDisk::Crash(size_t kept) { Keep(kept); }

void MemoryDisk::Keep(size_t writes) {
  CHECK_LE(writes, unsynced_.size());
  for (size_t i = 0; i < writes; ++i) {
    const Write& write = unsynced_[i];
    if (write.snapshot.has_value()) {
      CHECK_GE(write.snapshot->last.index, hard_state_.commit) << "committed entries would be lost";
      snapshot_ = *write.snapshot;
      base_ = snapshot_.last.index;
      entries_.clear();
    }
    if (write.hard_state.has_value()) KeepHardState(*write.hard_state);
    if (write.entry.has_value()) KeepEntry(*write.entry);
  }
  unsynced_.clear();
}

void MemoryDisk::KeepHardState(const HardState& hard_state) {
  CHECK_GE(hard_state.term, hard_state_.term);
  CHECK_GE(hard_state.commit, hard_state_.commit);
  CHECK_LE(hard_state.commit, base_ + entries_.size()) << "commit of what is not stored";
  const bool same_term = hard_state.term == hard_state_.term;
  CHECK(!same_term || hard_state_.vote == kNoReplica || hard_state.vote == hard_state_.vote)
      << "a vote was changed within term " << hard_state.term;
  hard_state_ = hard_state;
}

void MemoryDisk::KeepEntry(const Entry& entry) {
  CHECK_GT(entry.index, hard_state_.commit);
  CHECK_GT(entry.index, base_);
  CHECK_LE(entry.index, base_ + entries_.size() + 1) << "a hole";
  entries_.resize(entry.index - base_ - 1);
  entries_.push_back(entry);
}

void MemoryDisk::SaveSnapshot(const SnapshotMeta& snapshot) {
  CHECK_GE(snapshot.last.index, snapshot_.last.index);
  snapshot_ = snapshot;
}

void MemoryDisk::Compact(LogIndex through) {
  CHECK_LE(through, snapshot_.last.index);
  if (through <= base_) return;
  CHECK_LE(through, base_ + entries_.size());
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(through - base_));
  base_ = through;
}

bool MemoryDisk::Holds(const EntryId& id) const {
  if (id.index <= snapshot_.last.index) return true;
  return id.index <= base_ + entries_.size() && entries_[id.index - base_ - 1].id() == id;
}

RestoredLog MemoryDisk::Restored() const {
  RestoredLog restored{.hard_state = hard_state_,
                       .snapshot = snapshot_,
                       .entries = {},
                       .applied = snapshot_.last.index};
  const size_t covered = snapshot_.last.index - base_;
  CHECK_LE(covered, entries_.size()) << "the log ends before the snapshot";
  restored.entries.assign(entries_.begin() + static_cast<std::ptrdiff_t>(covered), entries_.end());
  return restored;
}

}  // namespace blixard::raft
