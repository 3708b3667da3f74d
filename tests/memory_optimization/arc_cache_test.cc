#include "memory_optimization/arc_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace blixard::memory {
namespace {

using NumberCache = ArcCache<int, int>;
using TextCache = ArcCache<std::string, std::string>;

// Eviction by number: what must be in a small cache is.
int Load(NumberCache& cache, int key) {
  const absl::StatusOr<Pinned<int>> pinned = cache.GetOrCreate(key, [key] { return 10 * key; });
  return pinned.ok() ? **pinned : -1;
}

TEST(ArcCacheTest, AValueIsKeptWithoutAnybodyHoldingIt) {  // the original held weak references only
  NumberCache cache({.max_entries = 4});
  int loads = 0;
  for (int i = 0; i < 3; ++i) {
    const auto pinned = cache.GetOrCreate(7, [&] { return ++loads; });
    ASSERT_TRUE(pinned.ok());
    EXPECT_EQ(**pinned, 1);
  }
  EXPECT_EQ(loads, 1);
  EXPECT_EQ(cache.Stats().hits, 2u);
  EXPECT_EQ(cache.Stats().misses, 1u);
}

TEST(ArcCacheTest, FindMissesWhatWasNeverLoaded) {
  NumberCache cache({.max_entries = 4});
  EXPECT_FALSE(cache.Find(7));
  cache.Put(7, 70);
  EXPECT_EQ(*cache.Find(7), 70);
  EXPECT_FALSE(cache.Find(8));
  EXPECT_EQ(cache.Stats().misses, 2u);
  EXPECT_EQ(cache.Stats().hits, 1u);
}

TEST(ArcCacheTest, TextKeysAreFoundByViewWhateverTheirLength) {
  TextCache cache({.max_entries = 100});
  for (const size_t length : {0, 1, 3, 4, 7, 8, 15, 16, 17, 24, 25, 32, 33, 200}) {
    SCOPED_TRACE(length);
    const std::string key(length, 'k');
    cache.Put(key, key);
    EXPECT_EQ(*cache.Find(absl::string_view(key)), key);
    for (size_t at = 0; at < length; ++at) {
      std::string other = key;
      other[at] = 'x';
      EXPECT_FALSE(cache.Find(other)) << at;
    }
  }
}

TEST(ArcCacheTest, TheBoundOnEntriesHolds) {
  for (const uint64_t bound : {1, 2, 3, 10, 100, 1000}) {
    NumberCache cache({.max_entries = bound});
    for (int key = 0; key < 3000; ++key) {
      EXPECT_EQ(Load(cache, key), 10 * key);
      ASSERT_LE(cache.Stats().entries, bound);
    }
    EXPECT_GE(cache.Stats().entries, bound - bound / 32);  // eviction goes in small groups
    EXPECT_EQ(cache.Stats().evictions, 3000 - cache.Stats().entries);
  }
}

TEST(ArcCacheTest, TheBoundOnWeightHolds) {
  TextCache cache(
      {.max_weight = 10'000, .weigher = [](absl::string_view key, const std::string& value) {
         return key.size() + value.size();
       }});
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    cache.Put(std::to_string(i), std::string(random() % 500, 'v'));
    ASSERT_LE(cache.Stats().weight, 10'000u);
  }
  EXPECT_GT(cache.Stats().weight, 8'000u);
}

TEST(ArcCacheTest, AValueHeavierThanTheCacheIsHandedOutAndNotKept) {
  TextCache cache({.max_weight = 100, .weigher = [](absl::string_view, const std::string& value) {
                     return value.size();
                   }});
  cache.Put("light", std::string(60, 'l'));
  const Pinned<std::string> heavy = cache.Put("heavy", std::string(101, 'h'));
  EXPECT_EQ(heavy->size(), 101u);
  EXPECT_FALSE(cache.Find("heavy"));
  EXPECT_TRUE(cache.Find("light"));  // nothing was evicted in vain
  EXPECT_EQ(cache.Stats().uncached, 1u);
  const Pinned<std::string> fits = cache.Put("fits", std::string(100, 'f'));
  EXPECT_TRUE(cache.Find("fits"));
}

TEST(ArcCacheTest, PinnedEntriesAreNeverEvicted) {
  NumberCache cache({.max_entries = 10});
  std::vector<Pinned<int>> held;
  for (int key = 0; key < 9; ++key) held.push_back(cache.Put(key, 10 * key));
  for (int key = 100; key < 1100; ++key) Load(cache, key);
  for (int key = 0; key < 9; ++key) {
    const Pinned<int> again = cache.Find(key);
    ASSERT_TRUE(again) << key;
    EXPECT_EQ(again.get(), held[key].get()) << key;
  }
  EXPECT_EQ(cache.Stats().uncached, 0u);  // the tenth place is enough for all the others
  held.clear();
  for (int i = 0; i < 1000; ++i) Load(cache, 100 + i / 4);  // used more than once, so worth a place
  EXPECT_FALSE(cache.Find(0));
}

TEST(ArcCacheTest, WhenAllIsPinnedANewValueIsHandedOutAndNotKept) {
  NumberCache cache({.max_entries = 3});
  std::vector<Pinned<int>> held;
  for (int key = 0; key < 3; ++key) held.push_back(cache.Put(key, key));
  const auto extra = cache.GetOrCreate(3, [] { return 3; });
  ASSERT_TRUE(extra.ok());
  EXPECT_EQ(**extra, 3);
  EXPECT_EQ(cache.Stats().entries, 3u);
  EXPECT_EQ(cache.Stats().uncached, 1u);
  EXPECT_FALSE(cache.Find(3));
  held.pop_back();
  EXPECT_EQ(Load(cache, 4), 40);
  EXPECT_TRUE(cache.Find(4));
  EXPECT_EQ(cache.Stats().evictions, 1u);
}

TEST(ArcCacheTest, MoreGuardsThanAThreadHasSlotsStillPin) {
  NumberCache cache({.max_entries = 200});
  std::vector<Pinned<int>> held;
  for (int key = 0; key < 100; ++key) held.push_back(cache.Put(key, key));
  for (int key = 0; key < 100; ++key) held.push_back(cache.Find(key));
  EXPECT_EQ(cache.Stats().pinned, 200u);
  for (int key = 1000; key < 3000; ++key) Load(cache, key);
  for (int key = 0; key < 100; ++key) EXPECT_EQ(cache.Find(key).get(), held[key].get()) << key;
  held.clear();
  EXPECT_EQ(cache.Stats().pinned, 0u);
}

TEST(ArcCacheTest, AGuardHeldWhileOthersComeAndGoCostsNoHits) {
  NumberCache cache({.max_entries = 8});
  for (int key = 0; key < 4; ++key) cache.Put(key, key);
  for (int round = 0; round < 100; ++round) {
    const Pinned<int> outer = cache.Find(0);
    const Pinned<int> inner = cache.Find(1);
    for (int key = 0; key < 4; ++key) EXPECT_EQ(*cache.Find(key), key);
  }
  EXPECT_EQ(cache.Stats().hits, 600u);
  EXPECT_EQ(cache.Stats().pinned, 0u);
}

TEST(ArcCacheTest, GuardsMoveAndCopy) {
  NumberCache cache({.max_entries = 1});
  Pinned<int> first = cache.Put(1, 11);
  Pinned<int> second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(first.Share(), nullptr);
  EXPECT_FALSE(first.Copy());
  Pinned<int> third = second.Copy();
  second.Reset();
  second.Reset();  // an empty guard has nothing to release
  cache.Put(2, 22);
  EXPECT_EQ(*third, 11);  // still pinned, so still there
  EXPECT_EQ(*cache.Find(1), 11);
  third = Pinned<int>();
  cache.Put(2, 22);
  EXPECT_EQ(*cache.Find(2), 22);
}

TEST(ArcCacheTest, AGuardMayBeReleasedOnAnotherThreadEvenAfterItsOwnHasEnded) {
  NumberCache cache({.max_entries = 1});
  Pinned<int> carried;
  std::thread([&] { carried = cache.Put(1, 11); }).join();
  cache.Put(2, 22);
  EXPECT_EQ(*cache.Find(1), 11);
  std::thread([guard = std::move(carried)]() mutable { guard.Reset(); }).join();
  EXPECT_EQ(cache.Stats().pinned, 0u);
  cache.Put(2, 22);
  EXPECT_FALSE(cache.Find(1));
}

TEST(ArcCacheTest, AGuardWorksInAThreadLocalThatIsDestroyedLate) {
  NumberCache cache({.max_entries = 1});
  cache.Put(1, 11);
  std::thread([&] {
    struct Late {
      ~Late() { EXPECT_EQ(*cache->Find(1), 11); }  // the thread's own slots are gone
      NumberCache* cache = nullptr;
    };
    thread_local Late late;
    late.cache = &cache;
    EXPECT_EQ(*cache.Find(1), 11);
  }).join();
  EXPECT_EQ(cache.Stats().pinned, 0u);
}

TEST(ArcCacheTest, WhatIsSharedOutlivesTheCache) {
  std::shared_ptr<const int> kept;
  {
    NumberCache cache({.max_entries = 1});
    kept = cache.Put(1, 11).Share();
    cache.Put(2, 22);  // sharing does not pin
    EXPECT_FALSE(cache.Find(1));
  }
  EXPECT_EQ(*kept, 11);
}

TEST(ArcCacheDeathTest, AGuardMustNotOutliveTheCache) {
  EXPECT_DEATH(
      {
        auto cache = std::make_unique<NumberCache>(ArcCacheOptions<int, int>{.max_entries = 1});
        const Pinned<int> guard = cache->Put(1, 11);
        cache.reset();
      },
      "entries are still pinned");
}

TEST(ArcCacheDeathTest, BadOptionsAreNamed) {
  EXPECT_DEATH(NumberCache({}), "max_entries, max_weight: want at least one bound");
  EXPECT_DEATH(NumberCache({.max_entries = 0}), "max_entries: want > 0, got 0");
  EXPECT_DEATH(NumberCache({.max_weight = 0}), "max_weight: want > 0, got 0");
  EXPECT_DEATH(NumberCache({.max_entries = 1, .time_to_live = std::chrono::nanoseconds(-1)}),
               "time_to_live: want >= 0");
  EXPECT_DEATH(
      NumberCache({.max_entries = 1, .time_to_live = std::chrono::seconds(1), .clock = {}}),
      "clock: want a function");
}

TEST(ArcCacheTest, AValuePastItsTimeIsLoadedAnew) {
  uint64_t now_ns = 1'000;
  int loads = 0;
  NumberCache cache({.max_entries = 4, .time_to_live = std::chrono::nanoseconds(100), .clock = [&] {
                       return now_ns;
                     }});
  const auto load = [&] { return **cache.GetOrCreate(1, [&] { return ++loads; }); };
  EXPECT_EQ(load(), 1);
  now_ns += 99;
  EXPECT_EQ(load(), 1);
  now_ns += 1;
  EXPECT_FALSE(cache.Find(1));
  EXPECT_EQ(load(), 2);
  EXPECT_EQ(cache.Stats().expirations, 1u);
  cache.Put(2, 0);
  now_ns += 100;
  cache.RemoveExpired();
  EXPECT_EQ(cache.Stats().entries, 0u);
  EXPECT_EQ(cache.Stats().expirations, 3u);
}

TEST(ArcCacheTest, WithoutATimeToLiveNoClockIsRead) {
  NumberCache cache({.max_entries = 4, .clock = []() -> uint64_t {
                       ADD_FAILURE() << "the clock was read";
                       return 0;
                     }});
  cache.Put(1, 1);
  EXPECT_TRUE(cache.Find(1));
  cache.RemoveExpired();
}

TEST(ArcCacheTest, PutReplacesAndOldGuardsStayGood) {
  NumberCache cache({.max_entries = 4});
  const Pinned<int> old = cache.Put(1, 11);
  cache.Put(1, 12);
  EXPECT_EQ(*old, 11);
  EXPECT_EQ(*cache.Find(1), 12);
  EXPECT_EQ(cache.Stats().entries, 1u);
  EXPECT_EQ(cache.Stats().replacements, 1u);
}

TEST(ArcCacheTest, ReplaceTakesOnlyTheValueItWasGiven) {
  NumberCache cache({.max_entries = 4});
  const Pinned<int> first = cache.Put(1, 11);
  EXPECT_TRUE(cache.Replace(1, first, 12));
  EXPECT_FALSE(cache.Replace(1, first, 13));  // somebody was faster
  EXPECT_FALSE(cache.Replace(2, first, 14));  // nothing there
  EXPECT_EQ(*cache.Find(1), 12);
  EXPECT_EQ(*first, 11);
}

TEST(ArcCacheTest, InvalidateForgetsAndGuardsStayGood) {
  NumberCache cache({.max_entries = 4});
  const Pinned<int> held = cache.Put(1, 11);
  EXPECT_TRUE(cache.Invalidate(1));
  EXPECT_FALSE(cache.Invalidate(1));
  EXPECT_FALSE(cache.Find(1));
  EXPECT_EQ(*held, 11);
  EXPECT_EQ(cache.Stats().detached, 1u);
}

TEST(ArcCacheTest, WhatWasRemovedWhilePinnedIsFreedOnceReleased) {
  const auto witness = std::make_shared<int>(1);
  ArcCache<int, std::shared_ptr<int>> cache({.max_entries = 4});
  Pinned<std::shared_ptr<int>> held = cache.Put(1, witness);
  cache.Clear();
  cache.Trim();
  EXPECT_EQ(witness.use_count(), 2);  // pinned
  held.Reset();
  cache.Trim();
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(cache.Stats().detached, 0u);
}

TEST(ArcCacheTest, RemovedValuesDoNotPileUp) {
  const auto witness = std::make_shared<int>(1);
  ArcCache<int, std::shared_ptr<int>> cache({.max_entries = 4});
  for (int i = 0; i < 1000; ++i) {
    cache.Put(1, witness);
    ASSERT_LE(witness.use_count(), 40);
  }
}

TEST(ArcCacheTest, ClearForgetsAll) {
  NumberCache cache({.max_entries = 1000});
  for (int key = 0; key < 1000; ++key) cache.Put(key, key);
  cache.Clear();
  EXPECT_EQ(cache.Stats().entries, 0u);
  EXPECT_EQ(cache.Stats().weight, 0u);
  EXPECT_EQ(cache.Stats().detached, 0u);
  EXPECT_EQ(cache.Stats().invalidations, 1000u);
  for (int key = 0; key < 1000; ++key) EXPECT_EQ(Load(cache, key), 10 * key);
}

struct Removal {
  int key = 0;
  int value = 0;
  RemovalReason reason = RemovalReason::kEvicted;
  bool operator==(const Removal&) const = default;
};

TEST(ArcCacheTest, TheListenerHearsOfEveryRemovalOnceWithItsReason) {
  std::vector<Removal> heard;
  uint64_t now_ns = 0;
  NumberCache cache({.max_entries = 2,
                     .time_to_live = std::chrono::nanoseconds(100),
                     .clock = [&] { return now_ns; },
                     .on_removal =
                         [&](int key, int value, RemovalReason reason) {
                           heard.push_back({key, value, reason});
                         }});
  cache.Put(1, 11);
  cache.Put(1, 12);
  cache.Invalidate(1);
  cache.Put(2, 22);
  now_ns = 100;
  EXPECT_FALSE(cache.Find(2));
  for (int key = 3; key < 6; ++key) cache.Put(key, 0);
  cache.Clear();
  cache.Trim();
  ASSERT_EQ(heard.size(), 6u);
  EXPECT_EQ(heard[0], (Removal{1, 11, RemovalReason::kReplaced}));
  EXPECT_EQ(heard[1], (Removal{1, 12, RemovalReason::kInvalidated}));
  EXPECT_EQ(heard[2], (Removal{2, 22, RemovalReason::kExpired}));
  EXPECT_EQ(heard[3], (Removal{3, 0, RemovalReason::kEvicted}));
  EXPECT_EQ(heard[4].reason, RemovalReason::kInvalidated);
  EXPECT_EQ(heard[5].reason, RemovalReason::kInvalidated);
}

TEST(ArcCacheTest, TheListenerIsCalledOutsideTheLock) {
  NumberCache* address = nullptr;
  int heard = 0;
  NumberCache cache({.max_entries = 1, .on_removal = [&](int key, int, RemovalReason) {
                       ++heard;
                       if (key < 100) address->Put(key + 100, 0);  // the cache may be used
                     }});
  address = &cache;
  for (int key = 0; key < 10; ++key) cache.Put(key, 0);
  EXPECT_EQ(heard, 9);
}

TEST(ArcCacheTest, AThrowingListenerLeavesTheCacheRight) {
  bool throws = true;
  NumberCache cache({.max_entries = 4, .on_removal = [&](int, int, RemovalReason) {
                       if (throws) throw std::string("listener");
                     }});
  for (int key = 0; key < 4; ++key) cache.Put(key, key);
  EXPECT_THROW(cache.Clear(), std::string);
  EXPECT_THROW(for (int key = 0; key < 9; ++key) cache.Put(key, key), std::string);
  throws = false;
  EXPECT_EQ(cache.Stats().pinned, 0u);
  EXPECT_EQ(*cache.Put(9, 9), 9);
  EXPECT_LE(cache.Stats().entries, 4u);
}

TEST(ArcCacheTest, AgreesWithAModelUnderRandomUse) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  NumberCache cache({.max_entries = 64});
  std::vector<std::optional<int>> model(200);  // what a key's value is if it is there
  std::vector<std::pair<Pinned<int>, int>> held;
  for (int i = 0; i < 50'000; ++i) {
    const int key = static_cast<int>(random() % model.size());
    const unsigned choice = random() % 100;
    if (choice < 40) {
      const Pinned<int> found = cache.Find(key);
      ASSERT_TRUE(!found || *found == model[key]);
    } else if (choice < 80) {
      auto loaded = cache.GetOrCreate(key, [&] { return *(model[key] = i); });
      ASSERT_EQ(**loaded, model[key]);
      if (choice < 50) held.emplace_back(*std::move(loaded), *model[key]);
    } else if (choice < 90) {
      model[key] = i;
      cache.Put(key, i);
    } else {
      cache.Invalidate(key);
    }
    if (held.size() > 50) held.erase(held.begin() + random() % held.size());
    for (const auto& [guard, value] : held) ASSERT_EQ(*guard, value);
    ASSERT_LE(cache.Stats().entries, 64u);
  }
}

}  // namespace
}  // namespace blixard::memory
