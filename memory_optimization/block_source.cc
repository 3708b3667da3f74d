#include "memory_optimization/block_source.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace blixard::memory::internal {
namespace {

// A block of its own, for what no pool block is large enough for.
struct HeapBlock {
  size_t capacity;
  BufferPool* pool;
  SharedBlock shared;  // last: the bytes follow it

  static const HeapBlock& Of(const SharedBlock& block) {
    return *reinterpret_cast<const HeapBlock*>(reinterpret_cast<const char*>(&block) -
                                               offsetof(HeapBlock, shared));
  }
};
static_assert(offsetof(HeapBlock, shared) + sizeof(SharedBlock) == sizeof(HeapBlock));

class HeapHome final : public BlockHome {
 public:
  void TakeBack(SharedBlock* block) override {
    ::operator delete(const_cast<HeapBlock*>(&HeapBlock::Of(*block)));
  }
  size_t WritableBytes(const SharedBlock& block) const override {
    return HeapBlock::Of(block).capacity;
  }
  size_t RetainedBytes(const SharedBlock& block) const override {
    return sizeof(HeapBlock) + HeapBlock::Of(block).capacity;
  }
};

constinit HeapHome heap_home;

absl::StatusOr<SharedBlock*> NewHeapBlock(size_t bytes, BufferPool& pool) {
  void* memory = ::operator new(sizeof(HeapBlock) + bytes, std::nothrow);
  if (memory == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("bytes: want a block of ", bytes, " on the heap, got none"));
  }
  auto* block = new (memory) HeapBlock{.capacity = bytes, .pool = &pool, .shared = {}};
  block->shared.references.Start();
  block->shared.home = &heap_home;
  return &block->shared;
}

}  // namespace

absl::StatusOr<SharedBlock*> AcquireBlock(size_t bytes, BufferPool& pool) {
  if (bytes > kMaxBlockBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("bytes: want <= ", kMaxBlockBytes, ", got ", bytes));
  }
  if (bytes > pool.options().max_block_bytes) return NewHeapBlock(bytes, pool);
  absl::StatusOr<Buffer> buffer = pool.Acquire(bytes);
  if (!buffer.ok()) return buffer.status();
  return ReleaseBlock(*std::move(buffer));
}

BufferPool& PoolOf(const SharedBlock& block) {
  CHECK_GT(block.home->WritableBytes(block), 0u) << "the block belongs to no pool";
  if (block.home == &heap_home) return *HeapBlock::Of(block).pool;
  return *static_cast<const BufferSizeClass*>(block.home)->pool;
}

size_t RetainedBytesFor(size_t bytes, const BufferPool& pool) {
  if (bytes > pool.options().max_block_bytes) return sizeof(HeapBlock) + bytes;
  return sizeof(SharedBlock) + std::bit_ceil(std::max(bytes, BufferPool::kMinBlockBytes));
}

}  // namespace blixard::memory::internal
