// Bytes under construction: a growing, uniquely held stretch of a block. Fill it, cut off what is
// complete with Split or SplitTo, and Freeze the piece into shared, immutable Bytes; none of these
// copies. Blocks come from a BufferPool, so steady traffic never reaches malloc.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BYTES_MUT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BYTES_MUT_H_

#include <glog/logging.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/bytes.h"
#include "memory_optimization/shared_block.h"

namespace blixard::memory {

// Pieces of one block that were split apart may be used by different threads; one object is not for
// two threads at once. Sizes are in bytes; positions outside are CHECKed.
class BytesMut {
 public:
  // Empty; takes the first block when something is appended. `pool` must outlive it.
  explicit BytesMut(BufferPool& pool = BufferPool::Default()) : pool_(&pool) {}
  // The content and room of `buffer`, which must be the only share of its block (CHECKed). Grows
  // from the buffer's own pool; an empty buffer's is the default pool.
  explicit BytesMut(Buffer buffer);

  BytesMut(BytesMut&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)),
        block_(std::exchange(other.block_, nullptr)),
        pool_(other.pool_) {}
  BytesMut& operator=(BytesMut&& other) noexcept {
    BytesMut taken(std::move(other));
    Swap(taken);
    return *this;
  }
  ~BytesMut() {
    if (block_ != nullptr) internal::SharedBlock::Drop(block_);
  }

  const char* data() const { return data_; }
  char* mutable_data() { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }  // size() and what may be appended in place
  bool empty() const { return size_ == 0; }
  absl::string_view view() const { return {data_, size_}; }
  // Of the whole block, shared by all pieces split from it.
  size_t retained_bytes() const {
    return block_ == nullptr ? 0 : block_->home->RetainedBytes(*block_);
  }

  // Makes room for `additional` bytes after size(): first in the block, when the other pieces of it
  // are gone; else in a new one (above the pool's largest: of the heap, twice as large at least).
  // Errors, and nothing has changed: kInvalidArgument when the sum passes 1 TiB;
  // kResourceExhausted when pool or heap have no room.
  absl::Status Reserve(size_t additional) {
    return additional <= capacity_ - size_ ? absl::OkStatus() : Grow(additional);
  }
  // `content` may be a part of this. Errors as Reserve.
  absl::Status Append(absl::string_view content) {
    if (content.size() > capacity_ - size_) [[unlikely]]
      return AppendGrowing(content);
    if (!content.empty()) std::memcpy(data_ + size_, content.data(), content.size());
    size_ += content.size();
    return absl::OkStatus();
  }

  // For writing in place: fill spare() from its front, then Commit what was filled.
  absl::Span<char> spare() { return {data_ + size_, capacity_ - size_}; }
  void Commit(size_t bytes) {
    CHECK_LE(bytes, capacity_ - size_) << "commit beyond the spare room";
    size_ += bytes;
  }

  void Clear() { size_ = 0; }
  void TruncateTo(size_t size) {
    if (size < size_) size_ = size;
  }

  // Cuts off the first `at` bytes and returns them; this keeps the rest and the room behind it.
  BytesMut SplitTo(size_t at);
  // Cuts off everything from `at` on, with the room behind it, and returns it.
  BytesMut SplitOff(size_t at);
  // All that was written; this keeps the room behind it.
  BytesMut Split() { return SplitTo(size_); }

  // The same bytes, immutable from here on and free to share.
  Bytes Freeze() &&;

  // The way back: when nobody shares `bytes` and the memory is a block of ours, takes it out of
  // `bytes`, which is empty then. Otherwise nothing, and `bytes` is as it was.
  static std::optional<BytesMut> TryUnfreeze(Bytes& bytes);

 private:
  BytesMut(char* data, size_t size, size_t capacity, internal::SharedBlock* block, BufferPool* pool)
      : data_(data), size_(size), capacity_(capacity), block_(block), pool_(pool) {}

  void Swap(BytesMut& other);
  absl::Status Grow(size_t additional);
  absl::Status AppendGrowing(absl::string_view content);
  bool TryReclaim(size_t wanted);

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  internal::SharedBlock* block_ = nullptr;  // one share
  BufferPool* pool_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BYTES_MUT_H_
