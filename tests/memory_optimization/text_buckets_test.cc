#include "memory_optimization/text_buckets.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "memory_optimization/atomics.h"
#include "memory_optimization/text_bucket.h"

namespace blixard::memory::internal {
namespace {

using Bucket = TextBucket<MachineAtomics>;

struct Spares {
  Bucket* At(uint32_t reference) { return &buckets[reference - 1]; }
  uint32_t Take() {
    if (free.empty()) return 0;
    const uint32_t taken = free.back();
    free.pop_back();
    return taken;
  }
  void Return(uint32_t reference) { free.push_back(reference); }
  void Add() {
    buckets.emplace_back();
    free.push_back(static_cast<uint32_t>(buckets.size()));
  }

  std::deque<Bucket> buckets;
  std::vector<uint32_t> free;
};

struct Table {
  Spares spares;
  std::unique_ptr<Bucket[]> memory = std::make_unique<Bucket[]>(256);
  TextBuckets<MachineAtomics, Spares> buckets{memory.get(), 1, &spares};

  uint32_t Find(uint64_t hash, uint32_t reference) const {
    return buckets.Find(hash, [&](uint32_t candidate) { return candidate == reference; });
  }
};

uint64_t HashOf(uint32_t reference) { return reference * 0x9e3779b97f4a7c15u; }

TEST(TextBucketsTest, FindsWhatIsInsertedUntilItIsErased) {
  Table table;
  for (uint32_t i = 1; i <= 12; ++i) ASSERT_TRUE(table.buckets.Insert(HashOf(i), i));
  for (uint32_t i = 1; i <= 12; ++i) EXPECT_EQ(table.Find(HashOf(i), i), i);
  EXPECT_EQ(table.Find(HashOf(13), 13), 0u);
  EXPECT_TRUE(table.buckets.Erase(HashOf(5), 5));
  EXPECT_FALSE(table.buckets.Erase(HashOf(5), 5));
  EXPECT_EQ(table.Find(HashOf(5), 5), 0u);
}

TEST(TextBucketsTest, AFullBucketContinuesInASpareOneAndGivesItBack) {
  Table table;
  for (uint32_t i = 1; i <= 12; ++i) ASSERT_TRUE(table.buckets.Insert(HashOf(i), i));
  EXPECT_FALSE(table.buckets.Insert(HashOf(13), 13));
  EXPECT_EQ(table.Find(HashOf(13), 13), 0u);
  table.spares.Add();
  EXPECT_TRUE(table.buckets.Insert(HashOf(13), 13));
  EXPECT_EQ(table.Find(HashOf(13), 13), 13u);
  EXPECT_TRUE(table.spares.free.empty());
  EXPECT_TRUE(table.buckets.Erase(HashOf(1), 1));  // the thirteenth moves up
  EXPECT_EQ(table.spares.free.size(), 1u);
  EXPECT_EQ(table.Find(HashOf(13), 13), 13u);
}

TEST(TextBucketsTest, ASplitWithoutSparesChangesNothing) {
  Table table;
  for (int i = 0; i < 2; ++i) table.spares.Add();
  // All of them belong into the second bucket, where only twelve fit.
  const auto hash_of = [](uint32_t) { return uint32_t{1}; };
  for (uint32_t i = 1; i <= 30; ++i) ASSERT_TRUE(table.buckets.Insert(1, i));
  EXPECT_FALSE(table.buckets.Split(hash_of));
  EXPECT_EQ(table.buckets.count(), 1u);
  for (uint32_t i = 1; i <= 30; ++i) EXPECT_EQ(table.Find(1, i), i);
  for (int i = 0; i < 2; ++i) table.spares.Add();
  EXPECT_TRUE(table.buckets.Split(hash_of));
  EXPECT_EQ(table.buckets.count(), 2u);
  for (uint32_t i = 1; i <= 30; ++i) EXPECT_EQ(table.Find(1, i), i);
  EXPECT_EQ(table.spares.free.size(), 2u);
}

TEST(TextBucketsTest, RandomOperationsAgreeWithAMap) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Table table;
    std::map<uint32_t, bool> present;
    for (int i = 0; i < 3'000; ++i) {
      const uint32_t reference = 1 + random() % 500;
      const uint64_t hash = HashOf(reference);
      ASSERT_EQ(table.Find(hash, reference) != 0, present[reference]);
      if (present[reference]) {
        ASSERT_TRUE(table.buckets.Erase(hash, reference));
      } else {
        while (!table.buckets.Insert(hash, reference)) table.spares.Add();
      }
      present[reference] = !present[reference];
      if (random() % 64 != 0 || table.buckets.count() == 256) continue;
      const auto hash_of = [](uint32_t r) { return static_cast<uint32_t>(HashOf(r)); };
      while (!table.buckets.Split(hash_of)) table.spares.Add();
    }
    size_t visited = 0;
    table.buckets.ForEach([&](uint32_t reference) {
      ++visited;
      EXPECT_TRUE(present[reference]);
    });
    size_t wanted = 0;
    for (const auto& [reference, is_present] : present) wanted += is_present;
    EXPECT_EQ(visited, wanted);
  }
}

TEST(TextBucketTest, BothWaysOfMatchingTagsAgree) {
  std::mt19937_64 random(3);
  const auto owned = std::make_unique<Bucket>();
  Bucket& bucket = *owned;
  for (int i = 0; i < 1'000; ++i) {
    const int slot = static_cast<int>(random() % kBucketSlots);
    bucket.SetTag(slot, static_cast<uint8_t>(random() % 4), std::memory_order_release);
    bucket.SetNext(static_cast<uint32_t>(random()), std::memory_order_release);
    for (uint8_t tag = 0; tag < 5; ++tag) {
      ASSERT_EQ(bucket.Match(tag, std::memory_order_acquire),
                bucket.Tags(std::memory_order_acquire).Match(tag));
    }
  }
}

}  // namespace
}  // namespace blixard::memory::internal
