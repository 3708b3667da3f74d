#include "scheduler/replicated/inflight_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

namespace blixard::scheduler {
namespace {

using Map = InflightMap<int, int>;

constexpr uint32_t kHash = 5;  // the same for every key: collisions are the hard case

const int* FindIn(const Map& map, int key) {
  return map.Find(kHash, [&](int other) { return other == key; });
}

TEST(InflightMapTest, AValueIsThereUntilItsEntryIsApplied) {
  Map map;
  map.Set({5}, kHash, 1, 10);
  map.Set({6}, kHash, 2, 20);
  map.ForgetThrough({4});
  ASSERT_NE(FindIn(map, 1), nullptr);
  EXPECT_EQ(*FindIn(map, 1), 10);
  map.ForgetThrough({5});
  EXPECT_EQ(FindIn(map, 1), nullptr);
  ASSERT_NE(FindIn(map, 2), nullptr);
  EXPECT_EQ(*FindIn(map, 2), 20);
  EXPECT_EQ(map.size(), 1u);
}

TEST(InflightMapTest, TheLatestValueOutlivesTheEntriesBefore) {
  Map map;
  map.Set({5}, kHash, 1, 10);
  map.Set({6}, kHash, 1, 11);
  map.Set({6}, kHash, 1, 12);
  map.ForgetThrough({5});
  EXPECT_EQ(*FindIn(map, 1), 12);
  map.ForgetThrough({6});
  EXPECT_EQ(FindIn(map, 1), nullptr);
}

TEST(InflightMapTest, ClearForgetsAll) {
  Map map;
  map.Set({5}, kHash, 1, 10);
  map.Clear();
  EXPECT_EQ(FindIn(map, 1), nullptr);
  map.Set({1}, kHash, 1, 10);
  EXPECT_EQ(*FindIn(map, 1), 10);
}

TEST(InflightMapDeathTest, AnIndexThatFallsStopsTheProcess) {
  Map map;
  map.Set({5}, kHash, 1, 10);
  EXPECT_DEATH(map.Set({4}, kHash, 1, 10), "index");
}

TEST(InflightMapTest, AgreesWithTheDefinitionOnRandomChanges) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Map map;
    std::map<int, std::pair<uint64_t, int>> latest;  // key -> index, value
    uint64_t index = 1;                              // of the entry being planned
    uint64_t applied = 0;
    for (int step = 0; step < 5000; ++step) {
      index += random() % 2;
      const int key = static_cast<int>(random() % 40);
      map.Set({index}, static_cast<uint32_t>(key % 7), key, step);
      latest[key] = {index, step};
      if (random() % 3 == 0) {
        applied =
            std::min(index - 1, applied + random() % 6);  // what is planned is never applied yet
        map.ForgetThrough({applied});
      }
      const int probe = static_cast<int>(random() % 40);
      const int* found =
          map.Find(static_cast<uint32_t>(probe % 7), [&](int other) { return other == probe; });
      const auto at = latest.find(probe);
      const bool inflight = at != latest.end() && at->second.first > applied;
      ASSERT_EQ(found != nullptr, inflight);
      if (inflight) {
        ASSERT_EQ(*found, at->second.second);
      }
    }
  }
}

}  // namespace
}  // namespace blixard::scheduler
