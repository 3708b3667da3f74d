// The long run: millions of schedules of every protocol, on all processors, and every planted bug
// looked for with other seeds than the tests use.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_STRESS_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_STRESS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/protocol.h"

namespace blixard::memory::schedules {

struct StressOptions {
  uint64_t schedules = 10'000'000;  // in sum, evenly over the protocols
  uint64_t schedules_per_bug = 200'000;
  uint64_t seed = 1;
  int jobs = 1;
  std::function<void(uint64_t done, uint64_t all)> progress = {};  // one caller at a time
};

struct StressResult {
  std::string protocol;
  uint64_t schedules = 0;
  uint64_t steps = 0;
  double cpu_seconds = 0;
  ExploreResult failure = {};            // failed: the one with the lowest seed
  size_t bugs = 0;                       // planted
  std::vector<std::string> missed = {};  // planted and not found
  bool passed() const { return !failure.failed && missed.empty(); }
};

// One result per protocol, in their order. The same options give the same results, but for
// cpu_seconds, whatever `jobs` is.
std::vector<StressResult> RunStress(const std::vector<Protocol>& protocols,
                                    const StressOptions& options);

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_STRESS_H_
