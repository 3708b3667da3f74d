#include "raft/core/log_chunks.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

namespace blixard::raft {

void LogChunks::AddChunk() { chunks_.push_back(std::make_unique<Chunk>()); }

void LogChunks::Truncate(size_t size) {
  CHECK_LE(size, size_);
  const size_t end = front_ + size;
  for (size_t chunk = end / kLogChunkEntries; chunk * kLogChunkEntries < front_ + size_; ++chunk) {
    if (IsViewed(chunks_[chunk].get())) SetAside(chunk, end);
  }
  for (size_t i = size; i < size_; ++i) Slot(front_ + i) = Entry{};
  size_ = size;
  FreeSurplus();
}

void LogChunks::DropFront(size_t count) {
  CHECK_LE(count, size_);
  for (size_t i = 0; i < count; ++i) Slot(front_ + i) = Entry{};
  size_ -= count;
  front_ += count;
  const size_t emptied = front_ / kLogChunkEntries;
  front_ %= kLogChunkEntries;
  std::rotate(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(emptied),
              chunks_.end());
  FreeSurplus();
}

bool LogChunks::IsViewed(const Chunk* chunk) const {
  return std::find(viewed_.begin(), viewed_.begin() + views_, chunk) != viewed_.begin() + views_;
}

// Puts another one in its place that shares what stands in slots before `end`.
void LogChunks::SetAside(size_t chunk, size_t end) {
  auto in_its_place = std::make_unique<Chunk>();
  const size_t first = chunk * kLogChunkEntries;
  for (size_t slot = std::max(first, front_); slot < end; ++slot) {
    in_its_place->entries[slot - first] = Slot(slot);
  }
  aside_.push_back(std::exchange(chunks_[chunk], std::move(in_its_place)));
}

void LogChunks::FreeSurplus() {
  const size_t used = (front_ + size_ + kLogChunkEntries - 1) / kLogChunkEntries;
  if (chunks_.size() > used + kMaxSpareLogChunks) chunks_.resize(used + kMaxSpareLogChunks);
}

}  // namespace blixard::raft
