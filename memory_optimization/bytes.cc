#include "memory_optimization/bytes.h"

#include <cstring>

#include "memory_optimization/block_source.h"

namespace blixard::memory {

absl::StatusOr<Bytes> Bytes::CopyOf(absl::string_view content, BufferPool& pool) {
  if (content.empty()) return Bytes();
  const absl::StatusOr<internal::SharedBlock*> block = internal::AcquireBlock(content.size(), pool);
  if (!block.ok()) return block.status();
  std::memcpy((*block)->bytes(), content.data(), content.size());
  return Bytes((*block)->bytes(), content.size(), *block);
}

void Bytes::FailSlice(size_t offset, size_t length) const {
  LOG(FATAL) << "slice of " << length << " bytes at " << offset << " of " << size_;
}

Bytes Bytes::SplitTo(size_t at) {
  CHECK_LE(at, size_) << "split of bytes";
  if (at == size_) return std::move(*this);
  Bytes front = Slice(0, at);
  RemovePrefix(at);
  return front;
}

Bytes Bytes::SplitOff(size_t at) {
  CHECK_LE(at, size_) << "split of bytes";
  if (at == 0) return std::move(*this);
  Bytes back = Slice(at, size_ - at);
  TruncateTo(at);
  return back;
}

void Bytes::RemovePrefix(size_t bytes) {
  CHECK_LE(bytes, size_) << "prefix of bytes";
  data_ += bytes;
  size_ -= bytes;
  if (size_ == 0) DropBlock();
}

void Bytes::TruncateTo(size_t size) {
  if (size >= size_) return;
  size_ = size;
  if (size_ == 0) DropBlock();
}

absl::Status Bytes::Compact(BufferPool& pool) {
  if (retained_bytes() <= internal::RetainedBytesFor(size_, pool)) return absl::OkStatus();
  absl::StatusOr<Bytes> copy = CopyOf(view(), pool);
  if (!copy.ok()) return copy.status();
  *this = *std::move(copy);
  return absl::OkStatus();
}

}  // namespace blixard::memory
