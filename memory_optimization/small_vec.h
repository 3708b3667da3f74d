// A vector whose first elements live inside it: for lists that are almost always short.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_SMALL_VEC_H_
#define BLIXARD_MEMORY_OPTIMIZATION_SMALL_VEC_H_

#include <cstddef>

#include "absl/container/inlined_vector.h"

namespace blixard::memory {

// Up to `kInline` elements need no heap; more move all of them there. Moving a short one moves its
// elements, so keep kInline * sizeof(T) to a cache line or two. With a bound that is never passed
// use ArrayVec.
template <class T, size_t kInline>
using SmallVec = absl::InlinedVector<T, kInline>;

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_SMALL_VEC_H_
