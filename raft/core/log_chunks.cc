#include "raft/core/log_chunks.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

namespace blixard::raft {

void LogChunks::PushBack(Entry&& entry) {
  const size_t slot = front_ + size_;
  if (slot == chunks_.size() * kLogChunkEntries) chunks_.push_back(std::make_unique<Chunk>());
  Slot(slot) = std::move(entry);
  ++size_;
}

void LogChunks::Truncate(size_t size) {
  CHECK_LE(size, size_);
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

void LogChunks::FreeSurplus() {
  const size_t used = (front_ + size_ + kLogChunkEntries - 1) / kLogChunkEntries;
  if (chunks_.size() > used + kMaxSpareLogChunks) chunks_.resize(used + kMaxSpareLogChunks);
}

}  // namespace blixard::raft
