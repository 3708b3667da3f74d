// Entries in chunks of a fixed number: growing never moves an entry, and a chunk that was emptied
// at either end is filled again before a new one is taken.
#ifndef BLIXARD_RAFT_CORE_LOG_CHUNKS_H_
#define BLIXARD_RAFT_CORE_LOG_CHUNKS_H_

#include <glog/logging.h>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "raft/core/entry.h"

namespace blixard::raft {

inline constexpr size_t kLogChunkEntries = 1024;  // a power of two
// Emptied chunks that wait to be used again; more are freed.
inline constexpr size_t kMaxSpareLogChunks = 4;
// Stretches of the log that may be looked at at once: one being stored, one being applied.
inline constexpr size_t kMaxLogViews = 2;

// A queue that can also be cut at its end. Not thread-safe. References stay valid until the entry
// is dropped.
class LogChunks {
 public:
  size_t size() const { return size_; }

  // `position` counts from 0 at the front and is below size() (CHECKed).
  const Entry& At(size_t position) const {
    CHECK(position < size_) << "position " << position << " of " << size_;
    return Slot(front_ + position);
  }

  // Allocates when the last chunk is full and no spare is left, and nowhere else.
  void PushBack(Entry&& entry) {
    const size_t slot = front_ + size_;
    if (slot == chunks_.size() * kLogChunkEntries) AddChunk();
    Slot(slot) = std::move(entry);
    ++size_;
  }

  // Drops every entry at `size` and beyond, and its payload; O(dropped). A chunk that is viewed
  // waits for EndViews as it is, and what stays of it is copied: that allocates.
  void Truncate(size_t size);
  // Drops the first `count` entries and their payloads; O(dropped + chunks). None of them may be
  // viewed.
  void DropFront(size_t count);

  // How many entries stand side by side from `position` on, later ones included.
  size_t CountAdjacent(size_t position) const {
    return kLogChunkEntries - (front_ + position) % kLogChunkEntries;
  }
  // The entries from `position` on where they stand: `count` <= CountAdjacent(position), at least
  // one. They stay as they are until EndViews, even if they are truncated; payloads are kept as
  // long. CHECKs that there are fewer than kMaxLogViews already.
  absl::Span<const Entry> View(size_t position, size_t count) {
    CHECK(views_ < kMaxLogViews);
    CHECK(count > 0 && count <= CountAdjacent(position) && position + count <= size_);
    const size_t slot = front_ + position;
    const Chunk* chunk = chunks_[slot / kLogChunkEntries].get();
    viewed_[views_++] = chunk;
    return {&chunk->entries[slot % kLogChunkEntries], count};
  }
  void EndViews() {
    views_ = 0;
    if (!aside_.empty()) aside_.clear();
  }

 private:
  struct Chunk {
    Entry entries[kLogChunkEntries];
  };

  const Entry& Slot(size_t slot) const {
    return chunks_[slot / kLogChunkEntries]->entries[slot % kLogChunkEntries];
  }
  Entry& Slot(size_t slot) {
    return chunks_[slot / kLogChunkEntries]->entries[slot % kLogChunkEntries];
  }
  void AddChunk();
  void FreeSurplus();
  bool IsViewed(const Chunk* chunk) const;
  void SetAside(size_t chunk, size_t end);

  // The front entry is in slot `front_` of the first chunk. Chunks past the last entry are empty
  // and wait.
  std::vector<std::unique_ptr<Chunk>> chunks_;
  size_t front_ = 0;
  size_t size_ = 0;
  std::array<const Chunk*, kMaxLogViews> viewed_{};  // the first views_ of them
  size_t views_ = 0;
  std::vector<std::unique_ptr<Chunk>> aside_;  // viewed ones that were truncated: <= kMaxLogViews
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_LOG_CHUNKS_H_
