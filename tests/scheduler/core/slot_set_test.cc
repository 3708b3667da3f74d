#include "scheduler/core/slot_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace blixard::scheduler {
namespace {

TEST(SlotSetTest, GivesTheLowestFreeSlot) {
  SlotSet slots;
  EXPECT_EQ(slots.TakeLowest(), 0u);
  EXPECT_EQ(slots.TakeLowest(), 1u);
  EXPECT_EQ(slots.TakeLowest(), 2u);
  slots.Release(1);
  EXPECT_EQ(slots.LowestFree(), 1u);
  EXPECT_EQ(slots.TakeLowest(), 1u);
  EXPECT_EQ(slots.TakeLowest(), 3u);
}

TEST(SlotSetTest, WalksTheTakenSlotsInOrder) {
  SlotSet slots;
  EXPECT_EQ(slots.NextTaken(0), SlotSet::kMaxSlots);
  for (int i = 0; i < 200; ++i) slots.TakeLowest();
  for (uint32_t slot = 3; slot < 197; ++slot) slots.Release(slot);
  EXPECT_EQ(slots.NextTaken(0), 0u);
  EXPECT_EQ(slots.NextTaken(3), 197u);
  EXPECT_EQ(slots.NextTaken(200), SlotSet::kMaxSlots);
  EXPECT_EQ(slots.NextTaken(SlotSet::kMaxSlots), SlotSet::kMaxSlots);
}

TEST(SlotSetTest, FillsWholeWordsOfEveryLevel) {
  SlotSet slots;
  constexpr uint32_t kCount = 64 * 64 * 64 + 65;
  for (uint32_t slot = 0; slot < kCount; ++slot) ASSERT_EQ(slots.TakeLowest(), slot);
  slots.Release(64 * 64 - 1);
  slots.Release(64 * 64 * 64);
  EXPECT_EQ(slots.TakeLowest(), 64u * 64 - 1);
  EXPECT_EQ(slots.TakeLowest(), 64u * 64 * 64);
  EXPECT_EQ(slots.TakeLowest(), kCount);
}

TEST(SlotSetTest, AgreesWithASetUnderRandomChurn) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    SlotSet slots;
    std::set<uint32_t> taken;
    for (int step = 0; step < 3000; ++step) {
      if (random() % 100 < 60) {
        const uint32_t slot = slots.TakeLowest();
        ASSERT_TRUE(taken.insert(slot).second);
        ASSERT_EQ(std::distance(taken.begin(), taken.find(slot)), slot) << "a lower one was free";
      } else if (const auto at = taken.lower_bound(random() % (taken.size() + 1));
                 at != taken.end()) {
        slots.Release(*at);
        taken.erase(at);
      }
      const uint32_t probe = static_cast<uint32_t>(random() % 2000);
      ASSERT_EQ(slots.Contains(probe), taken.contains(probe));
      const auto next = taken.lower_bound(probe);
      ASSERT_EQ(slots.NextTaken(probe), next == taken.end() ? SlotSet::kMaxSlots : *next);
      ASSERT_EQ(slots.size(), taken.size());
    }
  }
}

TEST(SlotSetDeathTest, ReleasingAFreeSlotStopsTheProcess) {
  SlotSet slots;
  slots.TakeLowest();
  slots.Release(0);
  EXPECT_DEATH(slots.Release(0), "slot 0 is free");
  EXPECT_DEATH(slots.Release(5000), "slot 5000 is free");
}

TEST(SlotSetTest, TakesTheSlotItIsTold) {
  SlotSet slots;
  slots.Take(5);
  slots.Take(0);
  EXPECT_TRUE(slots.Contains(5));
  EXPECT_EQ(slots.size(), 2u);
  EXPECT_EQ(slots.TakeLowest(), 1u);
  EXPECT_EQ(slots.NextTaken(2), 5u);
}

TEST(SlotSetDeathTest, TakingATakenSlotStopsTheProcess) {
  SlotSet slots;
  slots.Take(5);
  EXPECT_DEATH(slots.Take(5), "slot 5 is taken");
  EXPECT_DEATH(slots.Take(SlotSet::kMaxSlots), "");
}

}  // namespace
}  // namespace blixard::scheduler
