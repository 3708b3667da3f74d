// Random numbers for the inside of the allocation hook: no state but one word, no allocation.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_RANDOM_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_RANDOM_H_

#include <cstdint>

namespace blixard::memory::internal {

// SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
inline uint64_t NextRandom(uint64_t& state) {
  uint64_t mixed = (state += 0x9e3779b97f4a7c15);
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

// Above 0 and at most 1, so that its logarithm exists.
inline double NextUnit(uint64_t& state) {
  return static_cast<double>((NextRandom(state) >> 11) + 1) * 0x1p-53;
}

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_RANDOM_H_
