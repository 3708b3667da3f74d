#include "raft/core/log_chunks.h"

#include <glog/logging.h>

#include <utility>

namespace blixard::raft {

const Entry& LogChunks::At(size_t position) const {
  CHECK_LT(position, size_);
  return chunks_[position / kLogChunkEntries]->entries[position % kLogChunkEntries];
}

void LogChunks::PushBack(Entry entry) {
  if (size_ == chunks_.size() * kLogChunkEntries) chunks_.push_back(std::make_unique<Chunk>());
  chunks_[size_ / kLogChunkEntries]->entries[size_ % kLogChunkEntries] = std::move(entry);
  ++size_;
}

void LogChunks::Truncate(size_t size) {
  CHECK_LE(size, size_);
  for (size_t i = size; i < size_; ++i) {
    chunks_[i / kLogChunkEntries]->entries[i % kLogChunkEntries] = Entry{};
  }
  size_ = size;
}

}  // namespace blixard::raft
