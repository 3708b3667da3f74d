#include "rpc/transport/spin_budget.h"

#include <gtest/gtest.h>

#include <chrono>

namespace blixard::rpc {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr microseconds kLimit{100};
constexpr nanoseconds kNone = nanoseconds::zero();

void SleepShortly(SpinBudget& budget, uint32_t times) {
  for (uint32_t i = 0; i < times; ++i) {
    EXPECT_EQ(budget.Next(), kNone) << "after " << i << " short waits";
    budget.Slept(kLimit - nanoseconds(1));
  }
}

// How many waits in a row are told to sleep; each of them sleeps shortly.
uint32_t SleepsUntilNextSpin(SpinBudget& budget) {
  uint32_t sleeps = 0;
  for (; budget.Next() == kNone; ++sleeps) budget.Slept(nanoseconds(1));
  return sleeps;
}

TEST(SpinBudgetTest, LooksOnlyAfterEnoughShortWaits) {
  SpinBudget budget(kLimit);
  SleepShortly(budget, SpinBudget::kShortWaits);
  EXPECT_EQ(budget.Next(), kLimit);
}

TEST(SpinBudgetTest, OneLongWaitBeginsTheCountAnew) {
  SpinBudget budget(kLimit);
  SleepShortly(budget, SpinBudget::kShortWaits - 1);
  EXPECT_EQ(budget.Next(), kNone);
  budget.Slept(kLimit);
  SleepShortly(budget, SpinBudget::kShortWaits);
  EXPECT_EQ(budget.Next(), kLimit);
}

TEST(SpinBudgetTest, GoesOnWhileEventsComeInTime) {
  SpinBudget budget(kLimit);
  SleepShortly(budget, SpinBudget::kShortWaits);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(budget.Next(), kLimit);
    budget.Found();
  }
}

TEST(SpinBudgetTest, AnIdleGroupLooksInVainOnce) {
  SpinBudget budget(kLimit);
  SleepShortly(budget, SpinBudget::kShortWaits);
  EXPECT_EQ(budget.Next(), kLimit);
  budget.Missed();
  budget.Slept(std::chrono::milliseconds(100));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(budget.Next(), kNone);
    budget.Slept(std::chrono::milliseconds(100));
  }
}

TEST(SpinBudgetTest, StaysAwayLongerEachTimeTheProcessorWasWanted) {
  SpinBudget budget(kLimit);
  SleepShortly(budget, SpinBudget::kShortWaits);
  EXPECT_EQ(budget.Next(), kLimit);
  for (uint32_t pause = SpinBudget::kMinPause; pause < SpinBudget::kMaxPause; pause *= 2) {
    budget.Crowded();
    EXPECT_EQ(SleepsUntilNextSpin(budget), pause);
  }
  for (int i = 0; i < 3; ++i) {
    budget.Crowded();
    EXPECT_EQ(SleepsUntilNextSpin(budget), SpinBudget::kMaxPause) << "the bound";
  }
}

TEST(SpinBudgetTest, ComesBackAsSoonAsItWasLeftAlone) {
  SpinBudget budget(kLimit);
  SleepShortly(budget, SpinBudget::kShortWaits);
  EXPECT_EQ(budget.Next(), kLimit);
  budget.Crowded();
  SleepsUntilNextSpin(budget);
  for (uint32_t i = 0; i < 3 * SpinBudget::kMinPause; ++i) {
    budget.Found();
    EXPECT_EQ(budget.Next(), kLimit);
  }
  budget.Crowded();
  EXPECT_EQ(SleepsUntilNextSpin(budget), SpinBudget::kMinPause);
}

TEST(SpinBudgetTest, NeverLooksWithoutALimit) {
  SpinBudget budget(kNone);
  for (uint32_t i = 0; i < 2 * SpinBudget::kShortWaits; ++i) {
    EXPECT_EQ(budget.Next(), kNone);
    budget.Slept(kNone);
  }
}

}  // namespace
}  // namespace blixard::rpc
