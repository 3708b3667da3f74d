// Which entries survive: the queues one by one, then whole traces beside LRU.
#include "memory_optimization/arc_cache_eviction.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <vector>

#include "bench/memory_optimization/cache_traces.h"
#include "bench/memory_optimization/mutex_lru.h"
#include "memory_optimization/arc_cache.h"
#include "memory_optimization/arc_cache_ghost.h"

namespace blixard::memory {
namespace {

using internal::CacheEntry;
using internal::GhostHashes;
using internal::S3Fifo;

class S3FifoTest : public testing::Test {
 protected:
  CacheEntry* Add(uint64_t number, uint64_t weight = 1) {
    CacheEntry& entry = entries_.emplace_back();
    entry.hash = number << 32 | number;
    entry.weight = weight;
    queues_.Insert(&entry);
    return &entry;
  }
  uint64_t Evict() {
    CacheEntry* victim = queues_.TakeVictim();
    if (victim == nullptr) return 0;
    queues_.Forget(victim);
    return victim->hash >> 32;
  }
  static void Use(CacheEntry* entry, int times) {
    for (int i = 0; i < times; ++i) entry->MarkUsed();
  }

  std::deque<CacheEntry> entries_;
  S3Fifo queues_;
};

TEST_F(S3FifoTest, UnusedEntriesGoInTheOrderTheyCame) {
  for (uint64_t n = 1; n <= 3; ++n) Add(n);
  EXPECT_EQ(Evict(), 1u);
  EXPECT_EQ(Evict(), 2u);
  EXPECT_EQ(Evict(), 3u);
  EXPECT_EQ(Evict(), 0u);
  EXPECT_EQ(queues_.entries(), 0u);
}

TEST_F(S3FifoTest, WhatIsUsedTwiceOutlivesWhatIsUsedOnce) {
  CacheEntry* twice = Add(1);
  CacheEntry* once = Add(2);
  Add(3);
  Use(twice, 2);
  Use(once, 1);
  EXPECT_EQ(Evict(), 2u);
  EXPECT_EQ(Evict(), 3u);
  EXPECT_EQ(Evict(), 1u);
}

TEST_F(S3FifoTest, WhatComesBackSoonAfterEvictionStays) {
  queues_.Reserve(16);
  Add(1);
  EXPECT_EQ(Evict(), 1u);
  Add(1);  // straight to the main queue
  for (uint64_t n = 2; n < 12; ++n) Add(n);
  for (uint64_t n = 2; n < 11; ++n) EXPECT_EQ(Evict(), n);
}

TEST_F(S3FifoTest, ASparedVictimStaysBehindTheOthers) {
  for (uint64_t n = 1; n <= 2; ++n) Add(n);
  CacheEntry* victim = queues_.TakeVictim();
  queues_.Spare(victim);
  EXPECT_EQ(queues_.entries(), 2u);
  EXPECT_EQ(Evict(), 2u);
  EXPECT_EQ(Evict(), 1u);
}

TEST_F(S3FifoTest, OneVictimCostsABoundedWalkHoweverHotAllEntriesAre) {
  std::vector<CacheEntry*> all;
  for (uint64_t n = 1; n <= 1000; ++n) all.push_back(Add(n));
  for (CacheEntry* entry : all) Use(entry, 3);
  for (int i = 0; i < 1000; ++i) {
    // Used again and again: without the bound the walk would not end.
    for (CacheEntry* entry : all) entry->frequency = CacheEntry::kMaxFrequency;
    ASSERT_NE(Evict(), 0u);
  }
  EXPECT_EQ(Evict(), 0u);
}

TEST_F(S3FifoTest, WeightIsAddedUp) {
  Add(1, 10);
  CacheEntry* heavy = Add(2, 90);
  EXPECT_EQ(queues_.weight(), 100u);
  queues_.Remove(heavy);
  EXPECT_EQ(queues_.weight(), 10u);
}

uint64_t HashOf(uint64_t n) { return n * 0x9E3779B97F4A7C15u; }

TEST(GhostHashesTest, RemembersWhatWasAddedOnceAndNothingElse) {
  GhostHashes ghosts;
  ghosts.Add(HashOf(1));  // without room nothing happens
  EXPECT_FALSE(ghosts.TakeIfThere(HashOf(1)));
  ghosts.Reserve(1024);
  for (uint64_t n = 1; n <= 256; ++n) ghosts.Add(HashOf(n));
  int there = 0;
  for (uint64_t n = 1; n <= 256; ++n) there += ghosts.TakeIfThere(HashOf(n));
  EXPECT_GE(there, 250);
  for (uint64_t n = 1; n <= 512; ++n) EXPECT_FALSE(ghosts.TakeIfThere(HashOf(n))) << n;
}

TEST(GhostHashesTest, ForgetsTheOldest) {
  GhostHashes ghosts;
  ghosts.Reserve(64);
  for (uint64_t n = 1; n <= 1000; ++n) ghosts.Add(HashOf(n));
  for (uint64_t n = 1; n <= 900; ++n) EXPECT_FALSE(ghosts.TakeIfThere(HashOf(n))) << n;
  int there = 0;
  for (uint64_t n = 969; n <= 1000; ++n) there += ghosts.TakeIfThere(HashOf(n));
  EXPECT_GE(there, 28);
}

TEST(GhostHashesTest, GrowingKeepsWhatIsRemembered) {
  GhostHashes ghosts;
  ghosts.Reserve(64);
  for (uint64_t n = 1; n <= 16; ++n) ghosts.Add(HashOf(n));
  ghosts.Reserve(4096);
  int there = 0;
  for (uint64_t n = 1; n <= 16; ++n) there += ghosts.TakeIfThere(HashOf(n));
  EXPECT_GE(there, 15);
}

struct Ratios {
  double arc = 0;
  double lru = 0;
};

Ratios RunTrace(const bench::TraceOptions& options, size_t entries) {
  const std::vector<uint64_t> trace = bench::MakeTrace(options);
  ArcCache<uint64_t, uint64_t> cache({.max_entries = entries});
  bench::MutexLru<uint64_t, uint64_t> lru(entries);
  uint64_t lru_hits = 0;
  for (const uint64_t key : trace) {
    EXPECT_TRUE(cache.GetOrCreate(key, [key] { return key; }).ok());
    if (lru.Find(key) != nullptr) {
      ++lru_hits;
    } else {
      lru.Put(key, key);
    }
  }
  return {.arc = cache.Stats().HitRatio(),
          .lru = static_cast<double>(lru_hits) / static_cast<double>(trace.size())};
}

TEST(ArcCacheHitRatioTest, BeatsLruOnZipf) {
  for (const size_t entries : {100, 1'000, 5'000}) {
    const Ratios ratios = RunTrace({.keys = 50'000, .requests = 50'000}, entries);
    EXPECT_GT(ratios.arc, ratios.lru) << entries << " entries";
  }
}

TEST(ArcCacheHitRatioTest, BeatsLruWhenScansPassThrough) {
  for (const size_t entries : {100, 1'000, 5'000}) {
    const Ratios ratios = RunTrace(
        {.keys = 50'000, .requests = 50'000, .scan_every = 10'000, .scan_length = 2 * entries},
        entries);
    EXPECT_GT(ratios.arc, ratios.lru) << entries << " entries";
  }
}

TEST(ArcCacheHitRatioTest, TheHotSetSurvivesAScan) {  // the original evicted at random
  ArcCache<int, int> cache({.max_entries = 100});
  for (int round = 0; round < 4; ++round) {
    for (int key = 0; key < 50; ++key) cache.GetOrCreate(key, [] { return 0; }).IgnoreError();
  }
  for (int key = 1'000; key < 11'000; ++key) cache.Put(key, 0);
  int there = 0;
  for (int key = 0; key < 50; ++key) there += cache.Find(key) ? 1 : 0;
  EXPECT_EQ(there, 50);
}

}  // namespace
}  // namespace blixard::memory
