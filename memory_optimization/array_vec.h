// A vector of bounded size that never touches the heap.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARRAY_VEC_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARRAY_VEC_H_

#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <utility>

namespace blixard::memory {

// All `kCapacity` elements have their place inside the object. Input that may be too long goes
// through TryPush; passing the bound with the other members (push_back, resize, insert) is a broken
// invariant, which boost answers with std::bad_alloc.
template <class T, size_t kCapacity>
class ArrayVec : public boost::container::static_vector<T, kCapacity> {
 public:
  using boost::container::static_vector<T, kCapacity>::static_vector;

  bool full() const { return this->size() == kCapacity; }

  // Builds an element at the end and returns it; nullptr, nothing changed and the arguments not
  // moved from, when the vector is full.
  template <class... Args>
  T* TryPush(Args&&... args) {
    if (full()) return nullptr;
    return &this->emplace_back(std::forward<Args>(args)...);
  }
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARRAY_VEC_H_
