// Things under way in a simulated world, named by number so that events can carry them.
#ifndef BLIXARD_TESTS_SIMULATION_SLOTS_H_
#define BLIXARD_TESTS_SIMULATION_SLOTS_H_

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace blixard::raft {

// Places are used again; references stay valid.
template <class T>
class Slots {
 public:
  uint64_t Put(T value) {
    if (free_.empty()) {
      values_.push_back(std::move(value));
      return values_.size() - 1;
    }
    const uint64_t slot = free_.back();
    free_.pop_back();
    values_[slot] = std::move(value);
    return slot;
  }
  T& At(uint64_t slot) { return values_[slot]; }
  void Free(uint64_t slot) { free_.push_back(slot); }

 private:
  std::deque<T> values_;
  std::vector<uint64_t> free_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_SLOTS_H_
