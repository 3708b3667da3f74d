// Entries in chunks of a fixed number: growing never moves an entry, and a chunk that was emptied
// by a truncation is filled again before a new one is taken.
#ifndef BLIXARD_RAFT_CORE_LOG_CHUNKS_H_
#define BLIXARD_RAFT_CORE_LOG_CHUNKS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "raft/core/entry.h"

namespace blixard::raft {

inline constexpr size_t kLogChunkEntries = 1024;

// Not thread-safe. References stay valid until the entry is dropped.
class LogChunks {
 public:
  size_t size() const { return size_; }

  // `position` counts from 0 and is below size() (CHECKed).
  const Entry& At(size_t position) const;

  // Allocates when the last chunk is full and none is left over, and nowhere else.
  void PushBack(Entry entry);

  // Drops every entry at `size` and beyond, and its payload; O(dropped).
  void Truncate(size_t size);

 private:
  struct Chunk {
    Entry entries[kLogChunkEntries];
  };

  std::vector<std::unique_ptr<Chunk>> chunks_;  // those past `size_` are empty and wait
  size_t size_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_LOG_CHUNKS_H_
