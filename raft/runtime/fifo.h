// A first-in first-out queue that allocates only while it grows.
#ifndef BLIXARD_RAFT_RUNTIME_FIFO_H_
#define BLIXARD_RAFT_RUNTIME_FIFO_H_

#include <glog/logging.h>

#include <cstddef>
#include <utility>
#include <vector>

namespace blixard::raft {

// A ring over a vector; std::deque would allocate and free blocks all the way. T is default
// constructible and movable. Not thread-safe.
template <class T>
class Fifo {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  T& front() {
    CHECK_GT(size_, 0u);
    return slots_[first_];
  }

  void push_back(T value) {
    if (size_ == slots_.size()) Grow();
    slots_[(first_ + size_) % slots_.size()] = std::move(value);
    ++size_;
  }

  T pop_front() {
    T value = std::move(front());
    first_ = (first_ + 1) % slots_.size();
    --size_;
    return value;
  }

 private:
  static constexpr size_t kFirstCapacity = 16;

  void Grow() {
    std::vector<T> grown(slots_.empty() ? kFirstCapacity : slots_.size() * 2);
    for (size_t i = 0; i < size_; ++i) grown[i] = std::move(slots_[(first_ + i) % slots_.size()]);
    slots_ = std::move(grown);
    first_ = 0;
  }

  std::vector<T> slots_;
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_FIFO_H_
