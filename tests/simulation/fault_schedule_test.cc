#include "tests/simulation/fault_schedule.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace blixard::raft {
namespace {

constexpr uint32_t kReplicas = 5;
constexpr VirtualTime kUntil = 30 * kSecond;

std::vector<Fault> Draw(uint64_t seed, bool good_clocks = false) {
  return DrawFaults(
      {.seed = seed, .replicas = kReplicas, .until = kUntil, .good_clocks = good_clocks});
}

std::string Printed(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += ToString(fault) + "\n";
  return text;
}

TEST(FaultScheduleTest, TheSeedDecidesAlone) {
  EXPECT_EQ(Printed(Draw(1)), Printed(Draw(1)));
  EXPECT_NE(Printed(Draw(1)), Printed(Draw(2)));
}

TEST(FaultScheduleTest, FaultsAreInOrderAndNameWhatThereIs) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    VirtualTime before = 0;
    for (const Fault& fault : Draw(seed)) {
      EXPECT_GE(fault.time, before);
      EXPECT_LT(fault.time, kUntil);
      EXPECT_LT(fault.a, kReplicas);
      EXPECT_LT(fault.b, kReplicas);
      EXPECT_NE(fault.a, fault.b);
      EXPECT_GE(fault.duration, 0);
      const bool partitions = fault.kind == FaultKind::kPartition;
      EXPECT_TRUE(!partitions || fault.amount < 1u << kReplicas);
      before = fault.time;
    }
  }
}

TEST(FaultScheduleTest, EveryKindIsDrawnAndNoRunHasThemAll) {
  std::set<FaultKind> all;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::set<FaultKind> kinds;
    for (const Fault& fault : Draw(seed)) kinds.insert(fault.kind);
    EXPECT_LT(kinds.size(), kFaultKinds) << "seed " << seed;
    all.insert(kinds.begin(), kinds.end());
  }
  EXPECT_EQ(all.size(), kFaultKinds);
}

TEST(FaultScheduleTest, WithGoodClocksMachinesMayStandStillAndClocksHardlyDiffer) {
  bool drifts = false, pauses = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    for (const Fault& fault : Draw(seed, /*good_clocks=*/true)) {
      pauses = pauses || fault.kind == FaultKind::kPause;
      EXPECT_NE(fault.kind, FaultKind::kClockJump);
      if (fault.kind != FaultKind::kClockDrift) continue;
      drifts = true;
      EXPECT_GE(fault.amount, 930u);
      EXPECT_LE(fault.amount, 1070u);
    }
  }
  EXPECT_TRUE(drifts);
  EXPECT_TRUE(pauses);
}

TEST(FaultScheduleTest, OrdinaryClocksMayBeFarOff) {
  uint64_t slowest = 0;
  bool jumps = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    for (const Fault& fault : Draw(seed)) {
      if (fault.kind == FaultKind::kClockDrift) slowest = std::max(slowest, fault.amount);
      jumps = jumps || fault.kind == FaultKind::kClockJump;
    }
  }
  EXPECT_GT(slowest, 2000u);
  EXPECT_TRUE(jumps);
}

TEST(FaultScheduleTest, PrintsOneAsItIsReported) {
  EXPECT_EQ(ToString({.time = 12'345 * kMillisecond,
                      .duration = 2 * kSecond,
                      .kind = FaultKind::kCrash,
                      .a = 1,
                      .b = 2,
                      .amount = 3}),
            "12.345s crash a=1 b=2 amount=3 for 2.000s");
}

}  // namespace
}  // namespace blixard::raft
