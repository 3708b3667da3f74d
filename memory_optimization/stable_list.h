// A sequence that grows at both ends without moving what it holds: pointers to elements stay good
// while elements come and go at the ends.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_STABLE_LIST_H_
#define BLIXARD_MEMORY_OPTIMIZATION_STABLE_LIST_H_

#include <deque>

namespace blixard::memory {

// std::deque keeps its elements in chunks (512 bytes with libstdc++, one element where those are
// larger), finds the n-th in constant time and never copies on growth. Inserting or erasing in the
// middle moves elements: things that die in any order belong in a Slab. A queue that never ends
// allocates and frees a chunk every 512 bytes on its way; use a ring there (raft/runtime/fifo.h).
template <class T>
using StableList = std::deque<T>;

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_STABLE_LIST_H_
