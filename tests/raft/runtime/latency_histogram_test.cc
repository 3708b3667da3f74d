#include "raft/runtime/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

TEST(LatencyBucketsTest, CoverAllValuesWithoutGapOrOverlap) {
  uint64_t next = 0;
  for (size_t bucket = 0; bucket < LatencyBuckets::kCount; ++bucket) {
    const uint64_t lower = LatencyBuckets::Lower(bucket);
    const uint64_t upper = LatencyBuckets::Upper(bucket);
    EXPECT_EQ(LatencyBuckets::Of(lower), bucket);
    EXPECT_EQ(LatencyBuckets::Of(upper), bucket);
    EXPECT_LE(upper - lower, lower / LatencyBuckets::kPerPowerOfTwo) << "bucket " << bucket;
    EXPECT_EQ(lower, next);
    next = upper + 1;
  }
  EXPECT_EQ(next, uint64_t{1} << 41);
}

TEST(LatencyBucketsTest, WhatIsBeyondAllBoundsCountsInTheLastBucket) {
  EXPECT_EQ(LatencyBuckets::Of(uint64_t{1} << 41), LatencyBuckets::kCount - 1);
  EXPECT_EQ(LatencyBuckets::Of(UINT64_MAX), LatencyBuckets::kCount - 1);
}

TEST(LatencyHistogramTest, EmptyIsAllZeros) {
  const auto histogram = std::make_unique<LatencyHistogram>();
  EXPECT_EQ(histogram->Snapshot().PerMille(999), 0u);
  EXPECT_EQ(ToJson(histogram->Snapshot().Summary()),
            R"({"count":0,"mean_ns":0,"min_ns":0,"p50_ns":0,"p90_ns":0,"p99_ns":0,"p999_ns":0,)"
            R"("max_ns":0})");
}

TEST(LatencyHistogramTest, OneValueIsEveryFigure) {
  const auto histogram = std::make_unique<LatencyHistogram>();
  histogram->Record(123'456'789);
  const LatencySummary summary = histogram->Snapshot().Summary();
  EXPECT_EQ(ToJson(summary),
            R"({"count":1,"mean_ns":123456789,"min_ns":123456789,"p50_ns":123456789,)"
            R"("p90_ns":123456789,"p99_ns":123456789,"p999_ns":123456789,"max_ns":123456789})");
}

TEST(LatencyHistogramTest, TheRareSlowOneShowsWhereItBelongs) {
  const auto histogram = std::make_unique<LatencyHistogram>();
  histogram->Record(10, 998);
  histogram->Record(1'000'000, 2);
  const LatencySnapshot snapshot = histogram->Snapshot();
  EXPECT_EQ(snapshot.count(), 1000u);
  EXPECT_EQ(snapshot.PerMille(0), 10u);
  EXPECT_EQ(snapshot.PerMille(998), 10u);
  EXPECT_EQ(snapshot.PerMille(999), 1'000'000u);
  EXPECT_EQ(snapshot.Summary().mean_ns, (998u * 10 + 2 * 1'000'000) / 1000);
  EXPECT_DEATH(snapshot.PerMille(1001), "1001");
}

TEST(LatencyHistogramTest, PercentilesAreAtMostAThirtySecondAboveTheTruth) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    const auto histogram = std::make_unique<LatencyHistogram>();
    std::vector<uint64_t> values(1 + random.Below(2000));
    for (uint64_t& value : values) {
      value = random.Next() >> (24 + random.Below(40));  // every magnitude below 2^40
      histogram->Record(value);
    }
    std::sort(values.begin(), values.end());
    const LatencySnapshot snapshot = histogram->Snapshot();
    for (uint64_t per_mille : {0, 1, 250, 500, 900, 990, 999, 1000}) {
      const uint64_t rank = std::max<uint64_t>(1, (values.size() * per_mille + 999) / 1000);
      const uint64_t truth = values[rank - 1];
      EXPECT_GE(snapshot.PerMille(per_mille), truth);
      EXPECT_LE(snapshot.PerMille(per_mille), truth + truth / 32) << per_mille;
    }
    EXPECT_EQ(snapshot.Summary().min_ns, values.front());
    EXPECT_EQ(snapshot.max_ns(), values.back());
  }
}

TEST(LatencyHistogramTest, MergedIsAsIfOneHadCountedAll) {
  const auto one = std::make_unique<LatencyHistogram>();
  const auto other = std::make_unique<LatencyHistogram>();
  const auto both = std::make_unique<LatencyHistogram>();
  SplitMix random(3);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t value = random.Below(1'000'000);
    (i % 3 == 0 ? one : other)->Record(value);
    both->Record(value);
  }
  LatencySnapshot merged = one->Snapshot();
  merged.Merge(other->Snapshot());
  EXPECT_EQ(ToJson(merged.Summary()), ToJson(both->Snapshot().Summary()));
  merged.Merge(LatencySnapshot());
  EXPECT_EQ(ToJson(merged.Summary()), ToJson(both->Snapshot().Summary()));
}

TEST(LatencyHistogramTest, ThreadsLoseNoCount) {
  const auto histogram = std::make_unique<LatencyHistogram>();
  std::vector<std::thread> threads;
  for (uint64_t thread = 1; thread <= 4; ++thread) {
    threads.emplace_back([&histogram, thread] {
      for (uint64_t i = 0; i < 10'000; ++i) histogram->Record(thread * 1000 + i % 7);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const LatencySummary summary = histogram->Snapshot().Summary();
  EXPECT_EQ(summary.count, 40'000u);
  EXPECT_EQ(summary.min_ns, 1000u);
  EXPECT_EQ(summary.max_ns, 4006u);
}

}  // namespace
}  // namespace blixard::raft
