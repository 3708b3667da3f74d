// Every choice of a schedule comes from here, so a seed is a schedule.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_RANDOM_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_RANDOM_H_

#include <cstdint>

namespace blixard::memory::schedules {

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): good streams even from seeds that are neighbours.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0xd1342543de82ef95 + 1) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // In [0, bound); bound > 0. The bias of 2^-32 does not matter here.
  uint32_t Below(uint32_t bound) {
    return static_cast<uint32_t>(((Next() & 0xffffffff) * bound) >> 32);
  }
  bool OneIn(uint32_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_RANDOM_H_
