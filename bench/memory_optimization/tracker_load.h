// The load that the cost of the allocation tracker is quoted on: 30 allocations of 16 to 400 bytes
// from five functions some calls deep, each block written and read, freed partly at once, partly in
// the order of their age, partly at the end; about 0.65 us on the machines at hand. What a request
// handler that has not met this project yet does.
#ifndef BLIXARD_BENCH_MEMORY_OPTIMIZATION_TRACKER_LOAD_H_
#define BLIXARD_BENCH_MEMORY_OPTIMIZATION_TRACKER_LOAD_H_

#include <cstdint>

namespace blixard::bench {

inline constexpr int kTrackerLoadAllocations = 30;

// One round; what it returns depends on every block, so that nothing is optimised away.
uint64_t RunTrackerLoad(uint64_t seed);

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_MEMORY_OPTIMIZATION_TRACKER_LOAD_H_
