// Reference-counted byte blocks for payloads that travel: encoded once, then shared by the log, the
// peers and the state machine without a copy.
//
// Buffer or Bytes (bytes.h)? A Buffer is a share of one whole block, 8 bytes large: for what stands
// in tables by the million and is written once. Bytes are 24 bytes and see any part of a block, a
// literal or foreign memory: for parsing and for slicing. A Buffer becomes Bytes without a copy.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BUFFER_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BUFFER_POOL_H_

#include <glog/logging.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/magazine_depot.h"
#include "memory_optimization/pool_config.h"
#include "memory_optimization/pool_registry.h"
#include "memory_optimization/shared_block.h"

namespace blixard::memory {

class Buffer;
class BufferPool;

namespace internal {

// The buffer's share as the bare block, for Bytes to carry on; null when the buffer is empty.
SharedBlock* ReleaseBlock(Buffer buffer);

// The blocks of one size in one pool.
struct BufferSizeClass final : BlockHome {
  BufferSizeClass(BufferPool* owner, size_t bytes, size_t max_retained_bytes);

  void TakeBack(SharedBlock* block) override { depot.Put(block); }
  size_t WritableBytes(const SharedBlock&) const override { return block_bytes; }
  size_t RetainedBytes(const SharedBlock&) const override {
    return sizeof(SharedBlock) + block_bytes;
  }

  BufferPool* const pool;
  const size_t block_bytes;  // usable, without the SharedBlock in front
  MagazineDepot depot;
};

}  // namespace internal

// A share in one block; as large as a pointer. Copying shares the block, the last share gives it
// back on whatever thread. Bytes and size are written while one share exists and are constant
// afterwards; then any thread may read. One Buffer object is not for use by two threads at once.
class Buffer {
 public:
  Buffer() = default;  // empty: no block, data() is null
  Buffer(const Buffer& other) : block_(other.block_) {
    if (block_ != nullptr) block_->references.Share();
  }
  Buffer(Buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Buffer& operator=(const Buffer& other) {
    Buffer copy(other);
    std::swap(block_, copy.block_);
    return *this;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer taken(std::move(other));
    std::swap(block_, taken.block_);
    return *this;
  }
  ~Buffer() { Reset(); }

  const char* data() const { return block_ == nullptr ? nullptr : block_->bytes(); }
  size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  size_t capacity() const { return block_ == nullptr ? 0 : Home(block_).block_bytes; }
  absl::string_view view() const { return {data(), size()}; }
  explicit operator bool() const { return block_ != nullptr; }

  // True when no other share exists. An empty Buffer is not shared with anybody either.
  bool unique() const { return block_ == nullptr || block_->references.IsAlone(); }

  // For writing up to capacity() bytes; CHECKs that this is the only share. Null when empty.
  char* mutable_data() {
    CHECK(unique()) << "write to a shared buffer of " << size() << " bytes";
    return block_ == nullptr ? nullptr : block_->bytes();
  }
  // Sets size(); bytes that come into view keep whatever value the block holds. CHECKs size <=
  // capacity() and that this is the only share.
  void Resize(size_t size) {
    CHECK_LE(size, capacity()) << "resize beyond the block";
    CHECK(unique()) << "resize of a shared buffer of " << this->size() << " bytes";
    if (block_ != nullptr) block_->size = static_cast<uint32_t>(size);
  }

  // Gives up this share; empty afterwards.
  void Reset() {
    if (block_ != nullptr) Drop(std::exchange(block_, nullptr));
  }

  // Equality of content; an empty Buffer equals one of size 0.
  friend bool operator==(const Buffer& a, const Buffer& b) {
    return a.block_ == b.block_ || a.view() == b.view();
  }

 private:
  friend class BufferPool;
  friend internal::SharedBlock* internal::ReleaseBlock(Buffer buffer);
  explicit Buffer(internal::SharedBlock* block) : block_(block) {}

  // Only BufferPool makes blocks for Buffers.
  static internal::BufferSizeClass& Home(const internal::SharedBlock* block) {
    return *static_cast<internal::BufferSizeClass*>(block->home);
  }
  static void Drop(internal::SharedBlock* block) {
    if (block->references.Drop()) Home(block).depot.Put(block);
  }

  internal::SharedBlock* block_ = nullptr;
};

inline internal::SharedBlock* internal::ReleaseBlock(Buffer buffer) {
  return std::exchange(buffer.block_, nullptr);
}

struct BufferPoolOptions {
  std::string name = "buffers";
  size_t max_block_bytes = size_t{1} << 20;     // power of two, 64 B to 1 GiB
  size_t max_retained_bytes = size_t{4} << 20;  // idle bytes kept per size class; 0 keeps nothing
  size_t max_live_bytes = 0;                    // of all blocks in existence; 0: no bound
};

// Blocks in size classes of powers of two from 64 B. Thread-safe. Steady traffic never reaches
// malloc: idle blocks wait per thread and in a depot, warmest first. Every Buffer must be gone
// before its pool (CHECKed by the destructor).
class BufferPool final : public PoolStatsSource {
 public:
  static constexpr size_t kMinBlockBytes = 64;

  explicit BufferPool(BufferPoolOptions options = {});
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // The pool of the process, with default options; never destroyed.
  static BufferPool& Default();

  // A Buffer of size 0 and capacity >= `size_bytes`. Errors: kInvalidArgument when `size_bytes`
  // exceeds max_block_bytes (never succeeds); kResourceExhausted when the block would take the pool
  // above max_live_bytes even after its idle blocks were freed, or the heap is exhausted (retry
  // later).
  absl::StatusOr<Buffer> Acquire(size_t size_bytes);
  // A Buffer that holds a copy of `content`. Errors as Acquire.
  absl::StatusOr<Buffer> AcquireCopy(absl::string_view content);

  std::string_view name() const override { return options_.name; }
  const BufferPoolOptions& options() const { return options_; }
  // Sums over the size classes; `peak` too, so it is a bound when classes are busy at different
  // times.
  PoolStats Stats() const override;
  void Seal(bool sealed) override;
  size_t TrimIdle() override;  // frees every idle block
  // Highest bytes of all blocks in existence, live and idle.
  size_t peak_bytes() const { return peak_bytes_.load(std::memory_order_relaxed); }

 private:
  friend struct internal::BufferSizeClass;

  internal::BufferSizeClass& ClassFor(size_t size_bytes);
  internal::SharedBlock* Build(internal::BufferSizeClass& home);
  bool ReserveBytes(size_t bytes);
  bool TryReserveBytes(size_t bytes);
  static void Dispose(void* block, void* size_class);

  const BufferPoolOptions options_;
  std::atomic<size_t> bytes_ = 0;  // of all blocks in existence; changed when blocks come and go
  std::atomic<size_t> peak_bytes_ = 0;
  std::vector<std::unique_ptr<internal::BufferSizeClass>> classes_;
  PoolRegistration registration_{this};  // last: see PoolRegistration
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BUFFER_POOL_H_
