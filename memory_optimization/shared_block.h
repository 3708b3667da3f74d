// What stands in front of every counted piece of memory that Buffer, Bytes and BytesMut hand round.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_SHARED_BLOCK_H_
#define BLIXARD_MEMORY_OPTIMIZATION_SHARED_BLOCK_H_

#include <cstddef>
#include <cstdint>

#include "memory_optimization/reference_count.h"

namespace blixard::memory::internal {

struct SharedBlock;

// Where a block goes when its last share is dropped; outlives its blocks. Thread-safe.
class BlockHome {
 public:
  virtual void TakeBack(SharedBlock* block) = 0;
  // Bytes after the header that a sole holder may write; 0: the content is not ours to write.
  virtual size_t WritableBytes(const SharedBlock& block) const = 0;
  // Memory that the block keeps from other use.
  virtual size_t RetainedBytes(const SharedBlock& block) const = 0;

 protected:
  ~BlockHome() = default;
};

// The bytes follow it, unless its home keeps them elsewhere.
struct SharedBlock {
  ReferenceCount<> references;
  uint32_t size = 0;  // bytes in use, for Buffer
  BlockHome* home = nullptr;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }

  static void Drop(SharedBlock* block) {
    if (block->references.Drop()) block->home->TakeBack(block);
  }
};
static_assert(sizeof(SharedBlock) == 16, "the bytes of a block are aligned to 16");

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_SHARED_BLOCK_H_
