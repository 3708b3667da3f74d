#include "memory_optimization/bytes_mut.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "memory_optimization/block_source.h"

namespace blixard::memory {

using internal::SharedBlock;

BytesMut::BytesMut(Buffer buffer) : pool_(nullptr) {
  CHECK(buffer.unique()) << "write to a shared buffer of " << buffer.size() << " bytes";
  size_ = buffer.size();
  capacity_ = buffer.capacity();
  block_ = internal::ReleaseBlock(std::move(buffer));
  if (block_ != nullptr) data_ = block_->bytes();
  pool_ = block_ == nullptr ? &BufferPool::Default() : &internal::PoolOf(*block_);
}

void BytesMut::Swap(BytesMut& other) {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  std::swap(block_, other.block_);
  std::swap(pool_, other.pool_);
}

BytesMut BytesMut::SplitTo(size_t at) {
  CHECK_LE(at, size_) << "split of bytes";
  if (at == 0) return BytesMut(*pool_);
  if (at == capacity_) {
    BytesMut all(std::move(*this));
    return all;
  }
  block_->references.Share();
  BytesMut front(data_, at, at, block_, pool_);
  data_ += at;
  size_ -= at;
  capacity_ -= at;
  return front;
}

BytesMut BytesMut::SplitOff(size_t at) {
  CHECK_LE(at, size_) << "split of bytes";
  BytesMut front = SplitTo(at);
  Swap(front);
  return front;
}

Bytes BytesMut::Freeze() && {
  BytesMut taken(std::move(*this));
  if (taken.size_ == 0) return Bytes();
  return Bytes(taken.data_, taken.size_, std::exchange(taken.block_, nullptr));
}

std::optional<BytesMut> BytesMut::TryUnfreeze(Bytes& bytes) {
  SharedBlock* block = bytes.block_;
  if (block == nullptr || !block->references.IsAlone()) return std::nullopt;
  const size_t writable = block->home->WritableBytes(*block);
  if (writable == 0) return std::nullopt;
  const auto offset = static_cast<size_t>(bytes.data_ - block->bytes());
  const BytesParts parts = BytesParts::Take(std::move(bytes));
  return BytesMut(block->bytes() + offset, parts.size, writable - offset, block,
                  &internal::PoolOf(*block));
}

absl::Status BytesMut::Grow(size_t additional) {
  if (additional > internal::kMaxBlockBytes - size_) {
    return absl::InvalidArgumentError(
        absl::StrCat("additional: want <= ", internal::kMaxBlockBytes - size_, " after ", size_,
                     " bytes, got ", additional));
  }
  size_t wanted = size_ + additional;
  if (TryReclaim(wanted)) return absl::OkStatus();
  // The pool's blocks double by themselves.
  if (wanted > pool_->options().max_block_bytes) {
    wanted = std::max(wanted, std::min(2 * size_, internal::kMaxBlockBytes));
  }
  const absl::StatusOr<SharedBlock*> block = internal::AcquireBlock(wanted, *pool_);
  if (!block.ok()) return block.status();
  BytesMut grown((*block)->bytes(), size_, (*block)->home->WritableBytes(**block), *block, pool_);
  if (size_ > 0) std::memcpy(grown.data_, data_, size_);
  Swap(grown);
  return absl::OkStatus();
}

absl::Status BytesMut::AppendGrowing(absl::string_view content) {
  const std::less<const char*> before;
  const bool own = !before(content.data(), data_) && before(content.data(), data_ + size_);
  const size_t offset = own ? static_cast<size_t>(content.data() - data_) : 0;
  if (absl::Status status = Grow(content.size()); !status.ok()) return status;
  return Append(own ? absl::string_view(data_ + offset, content.size()) : content);
}

// The only holder owns the whole block again, also the parts of pieces that are gone. Moving the
// content to the front must be paid for by appends, so it is done only when at least as much room
// as content lies before it.
bool BytesMut::TryReclaim(size_t wanted) {
  if (block_ == nullptr || !block_->references.IsAlone()) return false;
  const size_t block_bytes = block_->home->WritableBytes(*block_);
  const auto offset = static_cast<size_t>(data_ - block_->bytes());
  if (wanted <= block_bytes - offset) {
    capacity_ = block_bytes - offset;
    return true;
  }
  if (wanted > block_bytes || offset < size_) return false;
  if (size_ > 0) std::memcpy(block_->bytes(), data_, size_);
  data_ = block_->bytes();
  capacity_ = block_bytes;
  return true;
}

}  // namespace blixard::memory
