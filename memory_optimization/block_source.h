// Where Bytes and BytesMut get writable blocks: from a BufferPool, and above its largest block from
// the heap.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BLOCK_SOURCE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BLOCK_SOURCE_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/shared_block.h"

namespace blixard::memory::internal {

// Sizes above it are refused before anything is allocated: a length field gone wrong, not a wish.
inline constexpr size_t kMaxBlockBytes = size_t{1} << 40;

// A block with one share and room for `bytes`. `pool` must outlive it. Errors: kInvalidArgument
// above kMaxBlockBytes; kResourceExhausted when pool or heap have none (retry later).
absl::StatusOr<SharedBlock*> AcquireBlock(size_t bytes, BufferPool& pool);

// The pool that AcquireBlock was given for this block. CHECKs that the block is writable.
BufferPool& PoolOf(const SharedBlock& block);

// RetainedBytes of the block that AcquireBlock would give.
size_t RetainedBytesFor(size_t bytes, const BufferPool& pool);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BLOCK_SOURCE_H_
