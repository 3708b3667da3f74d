// Entries in chunks of a fixed number: growing never moves an entry, and a chunk that was emptied
// at either end is filled again before a new one is taken.
#ifndef BLIXARD_RAFT_CORE_LOG_CHUNKS_H_
#define BLIXARD_RAFT_CORE_LOG_CHUNKS_H_

#include <glog/logging.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "raft/core/entry.h"

namespace blixard::raft {

inline constexpr size_t kLogChunkEntries = 1024;  // a power of two
// Emptied chunks that wait to be used again; more are freed.
inline constexpr size_t kMaxSpareLogChunks = 4;

// A queue that can also be cut at its end. Not thread-safe. References stay valid until the entry
// is dropped.
class LogChunks {
 public:
  size_t size() const { return size_; }

  // `position` counts from 0 at the front and is below size() (CHECKed).
  const Entry& At(size_t position) const {
    CHECK_LT(position, size_);
    const size_t slot = front_ + position;
    return chunks_[slot / kLogChunkEntries]->entries[slot % kLogChunkEntries];
  }

  // Allocates when the last chunk is full and no spare is left, and nowhere else.
  void PushBack(Entry&& entry);

  // Drops every entry at `size` and beyond, and its payload; O(dropped).
  void Truncate(size_t size);
  // Drops the first `count` entries and their payloads; O(dropped + chunks).
  void DropFront(size_t count);

 private:
  struct Chunk {
    Entry entries[kLogChunkEntries];
  };

  Entry& Slot(size_t position) {
    return chunks_[position / kLogChunkEntries]->entries[position % kLogChunkEntries];
  }
  void FreeSurplus();

  // The front entry is in slot `front_` of the first chunk. Chunks past the last entry are empty
  // and wait.
  std::vector<std::unique_ptr<Chunk>> chunks_;
  size_t front_ = 0;
  size_t size_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_LOG_CHUNKS_H_
