// A small random generator whose output is the same on every machine, unlike that of the standard
// library's distributions. Sebastiano Vigna's splitmix64: a counter and a mixing function.
#ifndef BLIXARD_SCHEDULER_TRACES_SPLITMIX64_H_
#define BLIXARD_SCHEDULER_TRACES_SPLITMIX64_H_

#include <cstdint>

namespace blixard::scheduler::traces {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  // 0 to bound - 1, for a bound above 0; uneven by less than bound / 2^32.
  uint32_t Below(uint32_t bound) {
    return static_cast<uint32_t>(((Next() >> 32) * uint64_t{bound}) >> 32);
  }

 private:
  uint64_t state_;
};

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_SPLITMIX64_H_
