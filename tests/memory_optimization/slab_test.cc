#include "memory_optimization/slab.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace blixard::memory {
namespace {

TEST(SlabTest, FindsWhatItHolds) {
  Slab<std::string> slab(10);
  const auto web = slab.TryEmplace("web");
  const auto db = slab.TryEmplace("db");
  ASSERT_TRUE(web && db);
  EXPECT_EQ(*slab.Find(*web), "web");
  EXPECT_EQ(*slab.Find(*db), "db");
  EXPECT_EQ(slab.size(), 2u);
}

// The documented hazard of slabs: the place is taken again, the old key must not see the new
// tenant.
TEST(SlabTest, StaleKeyFindsNothingWhenThePlaceIsTakenAgain) {
  Slab<std::string> slab(10);
  const auto first = *slab.TryEmplace("first");
  const std::string* const place = slab.Find(first);
  EXPECT_TRUE(slab.Erase(first));
  const auto second = *slab.TryEmplace("second");
  EXPECT_EQ(slab.Find(second), place) << "the place is used again";
  EXPECT_EQ(slab.Find(first), nullptr);
  EXPECT_FALSE(slab.Erase(first));
  EXPECT_EQ(slab.Take(first), std::nullopt);
  EXPECT_EQ(*slab.Find(second), "second");
}

TEST(SlabTest, NoKeyIsEverGivenTwiceThoughTheCountOfAPlaceIsUsedUp) {
  Slab<int, uint8_t> slab(1);  // a count of 8 bits is used up after 128 uses
  std::map<uint64_t, int> keys;
  for (int i = 0; i < 1000; ++i) {
    const auto key = slab.TryEmplace(i);
    ASSERT_TRUE(key);
    ASSERT_TRUE(keys.emplace(key->bits(), i).second) << "key given twice, at " << i;
    ASSERT_TRUE(slab.Erase(*key));
  }
  const auto last = *slab.TryEmplace(-1);
  for (const auto& [bits, i] : keys) {
    EXPECT_EQ((slab.Find(Slab<int, uint8_t>::Key::FromBits(bits))), nullptr) << i;
  }
  EXPECT_EQ(*slab.Find(last), -1);
}

TEST(SlabTest, MadeUpKeysFindNothing) {
  Slab<int> slab(10);
  EXPECT_EQ(slab.Find({}), nullptr);
  const auto key = *slab.TryEmplace(7);
  EXPECT_EQ(slab.Find({}), nullptr);
  EXPECT_EQ(slab.Find(Slab<int>::Key::FromBits(UINT64_MAX)), nullptr);
  EXPECT_EQ(slab.Find(Slab<int>::Key::FromBits(key.bits() + 1)), nullptr);
  EXPECT_EQ(*slab.Find(Slab<int>::Key::FromBits(key.bits())), 7);
  slab.Erase(key);
  EXPECT_EQ(slab.Find(Slab<int>::Key::FromBits(uint64_t{2} << 32)), nullptr) << "an empty place";
}

TEST(SlabTest, BoundIsKept) {
  Slab<int> slab(2);
  const auto first = slab.TryEmplace(1);
  ASSERT_TRUE(first && slab.TryEmplace(2));
  EXPECT_EQ(slab.TryEmplace(3), std::nullopt);
  slab.Erase(*first);
  EXPECT_TRUE(slab.TryEmplace(3));
  EXPECT_EQ(Slab<int>(0).TryEmplace(1), std::nullopt);
}

TEST(SlabTest, ObjectsNeverMove) {
  struct Pinned {
    explicit Pinned(int pinned_value) : value(pinned_value) {}
    Pinned(const Pinned&) = delete;
    int value;
  };
  Slab<Pinned> slab(100'000);
  const auto first = *slab.TryEmplace(0);
  const Pinned* const place = slab.Find(first);
  for (int i = 1; i < 20'000; ++i) ASSERT_TRUE(slab.TryEmplace(i));
  EXPECT_EQ(slab.Find(first), place);
}

TEST(SlabTest, TakeMovesTheObjectOut) {
  Slab<std::unique_ptr<int>> slab(1);
  const auto key = *slab.TryEmplace(std::make_unique<int>(7));
  const auto taken = slab.Take(key);
  ASSERT_TRUE(taken);
  EXPECT_EQ(**taken, 7);
  EXPECT_FALSE(slab.Contains(key));
  EXPECT_TRUE(slab.empty());
}

TEST(SlabTest, VisitsEveryObjectAndMayEraseOnTheWay) {
  Slab<int> slab(1000);
  std::vector<Slab<int>::Key> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(*slab.TryEmplace(i));
  for (size_t i = 0; i < 1000; i += 3) slab.Erase(keys[i]);
  int visited = 0;
  slab.ForEach([&](Slab<int>::Key key, int& value) {
    ++visited;
    EXPECT_EQ(slab.Find(key), &value);
    EXPECT_NE(value % 3, 0);
    if (value % 2 == 0) slab.Erase(key);
  });
  EXPECT_EQ(visited, 666);
  EXPECT_EQ(slab.size(), 333u);
}

TEST(SlabTest, ClearMakesEveryKeyStaleAndKeepsTheMemory) {
  Slab<std::string> slab(1000);
  std::vector<Slab<std::string>::Key> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(*slab.TryEmplace("x"));
  const size_t memory_bytes = slab.memory_bytes();
  slab.Clear();
  EXPECT_TRUE(slab.empty());
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(slab.TryEmplace("y"));
  EXPECT_EQ(slab.memory_bytes(), memory_bytes);
  for (const auto key : keys) EXPECT_FALSE(slab.Contains(key));
}

TEST(SlabTest, ConstructorThatThrowsLeavesTheSlabAsItWas) {
  struct Thrower {
    explicit Thrower(bool is_bad) {
      if (is_bad) throw std::runtime_error("bad");
    }
  };
  Slab<Thrower> slab(1);
  EXPECT_THROW(slab.TryEmplace(true), std::runtime_error);
  EXPECT_TRUE(slab.empty());
  EXPECT_TRUE(slab.TryEmplace(false));
}

struct Parent {
  Parent(Slab<Parent>& slab, int depth) {
    if (depth > 0) child = *slab.TryEmplace(slab, depth - 1);
  }
  Slab<Parent>::Key child;
};

TEST(SlabTest, ConstructorsMayAddObjects) {
  Slab<Parent> slab(10);
  const auto root = *slab.TryEmplace(slab, 3);
  EXPECT_EQ(slab.size(), 4u);
  int depth = 0;
  for (const Parent* node = slab.Find(root); node != nullptr; node = slab.Find(node->child))
    ++depth;
  EXPECT_EQ(depth, 4);
}

struct LastWill {
  explicit LastWill(Slab<LastWill>& will_slab) : slab(will_slab) {}
  ~LastWill() { EXPECT_EQ(slab.Find(self), nullptr) << "the key is stale while it is destroyed"; }
  Slab<LastWill>& slab;
  Slab<LastWill>::Key self;
};

TEST(SlabTest, KeyIsStaleBeforeTheDestructorRuns) {
  Slab<LastWill> slab(10);
  const auto key = *slab.TryEmplace(slab);
  slab.Find(key)->self = key;
  EXPECT_TRUE(slab.Erase(key));
}

struct Heir {
  Heir(Slab<Heir>& heir_slab, int generations) : slab(heir_slab), left(generations) { ++alive; }
  ~Heir() {
    --alive;
    if (left > 0) slab.TryEmplace(slab, left - 1);
  }
  Slab<Heir>& slab;
  int left;
  static inline int alive = 0;
};

TEST(SlabTest, ObjectsAddedByDestructorsAreDestroyedWithTheSlab) {
  {
    Slab<Heir> slab(10);
    ASSERT_TRUE(slab.TryEmplace(slab, 5));
    ASSERT_TRUE(slab.TryEmplace(slab, 5));
  }
  EXPECT_EQ(Heir::alive, 0);
}

TEST(SlabTest, AgreesWithAMapOnRandomOperations) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  Slab<std::string, uint8_t> slab(500);  // counts of 8 bits: places retire on the way
  std::unordered_map<uint64_t, std::string> live;
  std::vector<uint64_t> given;
  for (int step = 0; step < 100'000; ++step) {
    if (random() % 2 == 0) {
      const auto key = slab.TryEmplace(std::to_string(step));
      ASSERT_EQ(key.has_value(), live.size() < 500);
      if (!key) continue;
      ASSERT_TRUE(live.emplace(key->bits(), std::to_string(step)).second);
      given.push_back(key->bits());
    } else if (!given.empty()) {
      const uint64_t bits = given[random() % given.size()];
      const auto key = Slab<std::string, uint8_t>::Key::FromBits(bits);
      const std::string* const found = slab.Find(key);
      ASSERT_EQ(found != nullptr, live.contains(bits));
      if (found != nullptr) {
        ASSERT_EQ(*found, live[bits]);
      }
      ASSERT_EQ(slab.Erase(key), live.erase(bits) == 1);
    }
    ASSERT_EQ(slab.size(), live.size());
  }
}

}  // namespace
}  // namespace blixard::memory
