// Every protocol under seeded schedules, and every planted bug found.
// --config= of a sanitizer makes a schedule some twenty times slower, so there are fewer of them.
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "memory_optimization/sanitizers.h"
#include "tests/memory_optimization/schedules/protocol.h"

namespace blixard::memory::schedules {
namespace {

#if defined(BLIXARD_ADDRESS_SANITIZER) || defined(BLIXARD_THREAD_SANITIZER)
constexpr uint64_t kSchedules = 1'000;
#else
constexpr uint64_t kSchedules = 20'000;
#endif
// A planted bug must be found within as many.
constexpr uint64_t kSchedulesPerBug = 50'000;

class ProtocolsTest : public testing::TestWithParam<Protocol> {};

TEST_P(ProtocolsTest, HoldsUnderEverySchedule) {
  const ExploreResult result = GetParam().explore({.schedules = kSchedules});
  EXPECT_FALSE(result.failed) << GetParam().claim << '\n' << result;
  EXPECT_EQ(result.schedules, kSchedules);
}

TEST_P(ProtocolsTest, EveryPlantedBugIsFound) {
  for (const Bug& bug : GetParam().bugs) {
    const ExploreResult result = bug.explore({.schedules = kSchedulesPerBug});
    EXPECT_TRUE(result.failed) << bug.name << ": " << result;
    if (result.failed) {
      std::cout << bug.name << ": schedule " << result.schedules << ", " << result.message << '\n';
    }
  }
}

TEST_P(ProtocolsTest, EveryOrderIsNeeded) {
  for (const Bug& bug : RelaxedOrders(GetParam())) {
    const ExploreResult result = bug.explore({.schedules = kSchedulesPerBug});
    EXPECT_TRUE(result.failed) << bug.name << ": " << result;
    if (result.failed) {
      std::cout << bug.name << ": schedule " << result.schedules << ", " << result.message << '\n';
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ProtocolsTest, testing::ValuesIn(Protocols()),
                         [](const testing::TestParamInfo<Protocol>& info) {
                           return info.param.name;
                         });

}  // namespace
}  // namespace blixard::memory::schedules
