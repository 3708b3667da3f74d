// A queue of at most N elements that never allocates.
#ifndef BLIXARD_RAFT_CORE_FIXED_RING_H_
#define BLIXARD_RAFT_CORE_FIXED_RING_H_

#include <glog/logging.h>

#include <array>
#include <cstddef>
#include <utility>

namespace blixard::raft {

// Not thread-safe.
template <class T, size_t N>
class FixedRing {
 public:
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == N; }
  size_t size() const { return size_; }

  // 0 is the oldest. CHECKs position < size().
  T& operator[](size_t position) {
    CHECK(position < size_) << "position " << position << " of " << size_;
    return elements_[(first_ + position) % N];
  }
  T& front() { return (*this)[0]; }

  // CHECKs !full().
  void push_back(T element) { emplace_back() = std::move(element); }

  // A new element as T{}, to be filled where it stands. CHECKs !full().
  T& emplace_back() {
    CHECK(!full());
    return elements_[(first_ + size_++) % N] = T{};
  }

  // Takes out the oldest. CHECKs !empty().
  T pop_front() {
    T oldest = std::move(front());
    drop_front();
    return oldest;
  }

  // Forgets the oldest. CHECKs !empty().
  void drop_front() {
    CHECK(!empty());
    first_ = (first_ + 1) % N;
    --size_;
  }

 private:
  std::array<T, N> elements_{};
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_FIXED_RING_H_
