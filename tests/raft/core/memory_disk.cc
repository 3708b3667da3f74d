#include "tests/raft/core/memory_disk.h"

#include <glog/logging.h>

namespace blixard::raft {

void MemoryDisk::Append(const std::optional<HardState>& hard_state,
                        absl::Span<const Entry> entries) {
  if (hard_state.has_value()) unsynced_.push_back({.hard_state = hard_state, .entry = {}});
  for (const Entry& entry : entries) unsynced_.push_back({.hard_state = {}, .entry = entry});
}

void MemoryDisk::Sync() { Keep(unsynced_.size()); }

void MemoryDisk::Crash(size_t kept) { Keep(kept); }

void MemoryDisk::Keep(size_t writes) {
  CHECK_LE(writes, unsynced_.size());
  for (size_t i = 0; i < writes; ++i) {
    const Write& write = unsynced_[i];
    if (write.hard_state.has_value()) {
      CHECK_GE(write.hard_state->term, hard_state_.term);
      CHECK_GE(write.hard_state->commit, hard_state_.commit);
      CHECK_LE(write.hard_state->commit.value, entries_.size()) << "commit of what is not stored";
      hard_state_ = *write.hard_state;
      continue;
    }
    CHECK_GT(write.entry->index, hard_state_.commit);
    CHECK_LE(write.entry->index.value, entries_.size() + 1) << "a hole";
    entries_.resize(write.entry->index.value - 1);
    entries_.push_back(*write.entry);
  }
  unsynced_.clear();
}

bool MemoryDisk::Holds(const EntryId& id) const {
  return id.index.value <= entries_.size() && entries_[id.index.value - 1].id() == id;
}

}  // namespace blixard::raft
