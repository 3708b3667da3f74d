// Vectors that keep their capacity from one user to the next: scratch lists of a request cost no
// allocation once they have been as long as they get.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_VECTOR_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_VECTOR_POOL_H_

#include <cstddef>
#include <string>
#include <vector>

#include "memory_optimization/object_pool.h"

namespace blixard::memory {

// The policy: empty on return, and back to no capacity at all when the last user needed more than
// `kMaxRetainedBytes`, so that one giant does not stay in memory for ever. For vectors and strings.
template <size_t kMaxRetainedBytes>
struct ClearKeepingCapacity {
  template <class Container>
  static void Reset(Container& container) {
    container.clear();
    if (container.capacity() > kMaxRetainedBytes / sizeof(typename Container::value_type)) {
      Container().swap(container);
    }
  }
};

inline constexpr size_t kVectorRetainedBytes = size_t{64} << 10;

// An ObjectPool of vectors: `VectorPool<NodeId> pool("candidates", {.max_size = 64});` and
// `PooledVector<NodeId> list = pool.Acquire();`. What waits in it is at most max_size times
// kMaxRetainedBytes. Elements are destroyed on return, only the room is kept.
template <class T, size_t kMaxRetainedBytes = kVectorRetainedBytes>
using VectorPool = ObjectPool<std::vector<T>, ClearKeepingCapacity<kMaxRetainedBytes>>;
template <class T, size_t kMaxRetainedBytes = kVectorRetainedBytes>
using PooledVector = Pooled<std::vector<T>, ClearKeepingCapacity<kMaxRetainedBytes>>;

// The same for text.
template <size_t kMaxRetainedBytes = kVectorRetainedBytes>
using TextPool = ObjectPool<std::string, ClearKeepingCapacity<kMaxRetainedBytes>>;
template <size_t kMaxRetainedBytes = kVectorRetainedBytes>
using PooledText = Pooled<std::string, ClearKeepingCapacity<kMaxRetainedBytes>>;

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_VECTOR_POOL_H_
