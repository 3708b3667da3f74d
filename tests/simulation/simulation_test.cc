// Clusters under chaos, a slice of the seeds per shard. BLIXARD_SIMULATION_SEEDS is how many there
// are over all shards, BLIXARD_SIMULATION_START the first; tools/simulate runs millions.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "memory_optimization/sanitizers.h"
#include "tests/simulation/seed_search.h"
#include "tests/simulation/world.h"

namespace blixard::raft {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

#if defined(BLIXARD_ADDRESS_SANITIZER) || defined(BLIXARD_THREAD_SANITIZER) || !defined(NDEBUG)
constexpr uint64_t kSeedsByDefault = 200;
#else
constexpr uint64_t kSeedsByDefault = 2000;
#endif

constexpr uint64_t kSlices = 8;  // as shard_count of the target

class SimulationTest : public testing::TestWithParam<uint64_t> {};

TEST_P(SimulationTest, HoldsEveryInvariantAndConverges) {
  const uint64_t seeds = FromEnvironment("BLIXARD_SIMULATION_SEEDS", kSeedsByDefault);
  const uint64_t start = FromEnvironment("BLIXARD_SIMULATION_START", 1);
  Coverage coverage;
  uint64_t runs = 0;
  for (uint64_t seed = start + GetParam(); seed < start + seeds; seed += kSlices, ++runs) {
    const WorldResult result = RunWorld({.seed = seed});
    coverage.Add(result.coverage);
    ASSERT_EQ(result.violation, "")
        << "seed " << seed << "; tools/simulate --start " << seed << " --seeds 1 shrinks it";
  }
  constexpr uint64_t kEnoughForCoverage = 200;
  if (runs < kEnoughForCoverage) return;
  EXPECT_EQ(NeverHit(coverage), std::vector<std::string>()) << "in " << runs << " runs";
}

INSTANTIATE_TEST_SUITE_P(Slices, SimulationTest, testing::Range(uint64_t{0}, kSlices));

}  // namespace
}  // namespace blixard::raft
