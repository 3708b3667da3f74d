#include "scheduler/core/position_index.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace blixard::scheduler {
namespace {

constexpr auto kAny = [](uint32_t) { return true; };

TEST(PositionIndexTest, AnEmptyIndexFindsNothing) {
  EXPECT_EQ(PositionIndex().Find(7, kAny), PositionIndex::kNotFound);
}

TEST(PositionIndexTest, EqualHashesAreToldApartByTheCaller) {
  PositionIndex index;
  index.Insert({.hash = 7, .position = 1});
  index.Insert({.hash = 7, .position = 2});
  EXPECT_EQ(index.Find(7, [](uint32_t position) { return position == 2; }), 2u);
  EXPECT_EQ(index.Find(7, [](uint32_t position) { return position == 3; }),
            PositionIndex::kNotFound);
  index.Erase({.hash = 7, .position = 1});
  EXPECT_EQ(index.Find(7, kAny), 2u);
}

TEST(PositionIndexTest, ClearForgetsAll) {
  PositionIndex index;
  index.Insert({.hash = 7, .position = 1});
  index.Clear();
  EXPECT_EQ(index.size(), 0u);
  EXPECT_EQ(index.Find(7, kAny), PositionIndex::kNotFound);
}

TEST(PositionIndexDeathTest, ErasingWhatIsNotThereStopsTheProcess) {
  PositionIndex index;
  EXPECT_DEATH(index.Erase({.hash = 7, .position = 1}), "empty index");
  index.Insert({.hash = 7, .position = 1});
  EXPECT_DEATH(index.Erase({.hash = 7, .position = 2}), "not indexed");
}

// Few hashes make long runs, and some lie at the end of the table, so that runs wrap around.
uint32_t CrowdedHash(uint32_t key) { return key % 5 == 0 ? ~uint32_t{0} - key % 3 : key % 11; }

TEST(PositionIndexTest, AgreesWithAMapUnderRandomChurn) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    PositionIndex index;
    std::unordered_map<uint32_t, bool> present;
    for (int step = 0; step < 2000; ++step) {
      const uint32_t key = static_cast<uint32_t>(random() % 60);
      const uint32_t hash = seed % 2 == 0 ? CrowdedHash(key) : key * 2654435769u;
      const auto is_key = [&](uint32_t position) { return position == key; };
      ASSERT_EQ(index.Find(hash, is_key), present[key] ? key : PositionIndex::kNotFound);
      if (present[key]) {
        index.Erase({.hash = hash, .position = key});
      } else {
        index.Insert({.hash = hash, .position = key});
      }
      present[key] = !present[key];
    }
  }
}

}  // namespace
}  // namespace blixard::scheduler
