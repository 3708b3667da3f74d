// Built with the hook: what call sites allocate, hold and free. One process per kind of tracking
// would be cleaner than one for all; that they may follow one another is part of the promise.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "memory_optimization/allocation_report.h"
#include "memory_optimization/allocation_switch.h"
#include "memory_optimization/allocation_symbols.h"
#include "memory_optimization/allocation_tracker.h"

namespace blixard::memory {
namespace {

std::atomic<void*> seen;  // so that no allocation may be left out

// Each function is a call site that reports find by its name. Its name inside keeps the compiler
// from making one function of all.
// What it returns is never read from `seen`, which another thread may have written meanwhile.
#define BLIXARD_SITE(name)                    \
  [[gnu::noinline]] void* name(size_t size) { \
    asm volatile("# " #name);                 \
    void* const block = ::operator new(size); \
    seen = block;                             \
    return block;                             \
  }
BLIXARD_SITE(SiteOfExactCounts)
BLIXARD_SITE(SiteOfTemporaries)
BLIXARD_SITE(SiteOfLifetimes)
BLIXARD_SITE(SiteFreedElsewhere)
BLIXARD_SITE(SiteSettledLater)
BLIXARD_SITE(SiteOfSwitching)
BLIXARD_SITE(SiteOfThreads)
BLIXARD_SITE(SiteOfSmallSamples)
BLIXARD_SITE(SiteOfLargeSamples)
BLIXARD_SITE(SiteOfFailures)
#undef BLIXARD_SITE

[[gnu::noinline]] void* SiteOfRealloc(void* block, size_t size) {
  void* const moved = realloc(block, size);
  seen = moved;
  return moved;
}

class AllocationSitesTest : public testing::Test {
 protected:
  static void Track(AllocationTracking tracking, const SiteOptions& options = {}) {
    ASSERT_TRUE(SetAllocationTracking(tracking, options).ok());
  }
  ~AllocationSitesTest() override { Track(AllocationTracking::kCounts); }

  // All sites whose innermost function has this name, added up.
  static AllocationSite Find(const std::string& name) {
    AllocationSite found;
    for (const AllocationSite& site : CollectAllocationReport().sites) {
      if (site.frames.empty() ||
          internal::SymbolOf(site.frames[0]).find(name) == std::string::npos) {
        continue;
      }
      found.allocations += site.allocations;
      found.bytes += site.bytes;
      found.frees += site.frees;
      found.freed_bytes += site.freed_bytes;
      for (int i = 0; i < kLifetimeClasses; ++i) found.lifetimes[i] += site.lifetimes[i];
    }
    return found;
  }
};

TEST_F(AllocationSitesTest, EveryAllocationIsCountedForItsSite) {
  Track(AllocationTracking::kAllSites);
  std::vector<void*> blocks(100);
  for (size_t i = 0; i < blocks.size(); ++i) blocks[i] = SiteOfExactCounts(i);
  AllocationSite site = Find("SiteOfExactCounts");
  EXPECT_EQ(site.allocations, 100u);
  EXPECT_EQ(site.bytes, 99u * 100 / 2);
  EXPECT_EQ(site.live(), 100);
  EXPECT_EQ(site.live_bytes(), 99 * 100 / 2);
  for (void* block : blocks) ::operator delete(block);
  site = Find("SiteOfExactCounts");
  EXPECT_EQ(site.live(), 0);
  EXPECT_EQ(site.live_bytes(), 0);
}

TEST_F(AllocationSitesTest, TheStackLeadsToTheTest) {
  Track(AllocationTracking::kAllSites, {.max_frames = 3});
  ::operator delete(SiteOfExactCounts(8));
  bool found = false;
  for (const AllocationSite& site : CollectAllocationReport().sites) {
    if (site.frames.size() < 2) continue;
    EXPECT_LE(site.frames.size(), 5u);
    found =
        found ||
        (internal::SymbolOf(site.frames[0]).find("SiteOfExactCounts") != std::string::npos &&
         internal::SymbolOf(site.frames[1]).find("TheStackLeadsToTheTest") != std::string::npos);
  }
  EXPECT_TRUE(found);
}

TEST_F(AllocationSitesTest, ATemporaryIsFreedBeforeTheNextAllocation) {
  Track(AllocationTracking::kAllSites);
  for (int i = 0; i < 10; ++i) ::operator delete(SiteOfTemporaries(32));
  void* const first = SiteOfTemporaries(32);
  void* const second = SiteOfTemporaries(32);
  ::operator delete(first);  // one came between
  ::operator delete(second);
  const AllocationSite site = Find("SiteOfTemporaries");
  EXPECT_EQ(site.temporary(), 11u);
  EXPECT_EQ(site.lifetimes[1], 1u);
}

TEST_F(AllocationSitesTest, LifetimesAreCountedInAllocations) {
  Track(AllocationTracking::kAllSites);
  for (const int between : {0, 1, 3, 4, 15, 16, 255, 256}) {
    void* const block = SiteOfLifetimes(16);
    for (int i = 0; i < between; ++i) {
      seen = malloc(1);
      free(seen);
    }
    ::operator delete(block);
  }
  const AllocationSite site = Find("SiteOfLifetimes");
  EXPECT_EQ(site.lifetimes, (Lifetimes{1, 2, 2, 1, 1, 1}));
}

TEST_F(AllocationSitesTest, ABlockFreedElsewhereHasNoLifetimeButIsSettled) {
  Track(AllocationTracking::kAllSites);
  void* const block = SiteFreedElsewhere(64);
  std::thread([block] { ::operator delete(block); }).join();
  const AllocationSite site = Find("SiteFreedElsewhere");
  EXPECT_EQ(site.lifetimes[kLifetimeClasses - 1], 1u);
  EXPECT_EQ(site.live(), 0);
}

TEST_F(AllocationSitesTest, ReallocMovesTheBlockToItsOwnSite) {
  Track(AllocationTracking::kAllSites);
  void* block = SiteOfRealloc(nullptr, 100);
  block = SiteOfRealloc(block, 90);
  block = SiteOfRealloc(block, 10'000);
  volatile size_t too_much = SIZE_MAX / 2;
  EXPECT_EQ(SiteOfRealloc(block, too_much), nullptr);
  AllocationSite site = Find("SiteOfRealloc");
  EXPECT_EQ(site.allocations, 3u);
  EXPECT_EQ(site.live(), 1);
  EXPECT_EQ(site.live_bytes(), 10'000);
  free(block);
  EXPECT_EQ(Find("SiteOfRealloc").live(), 0);
}

TEST_F(AllocationSitesTest, FailedAllocationsLeaveNoTrace) {
  Track(AllocationTracking::kAllSites);
  volatile size_t too_much = SIZE_MAX / 2;
  EXPECT_THROW(SiteOfFailures(too_much), std::bad_alloc);
  EXPECT_EQ(Find("SiteOfFailures").allocations, 0u);
}

TEST_F(AllocationSitesTest, WhatIsFreedAfterTrackingIsSettledAllTheSame) {
  Track(AllocationTracking::kAllSites);
  void* const first = SiteSettledLater(40);
  void* second = SiteSettledLater(40);
  Track(AllocationTracking::kOff);
  ::operator delete(first);
  second = realloc(second, 5000);
  EXPECT_EQ(Find("SiteSettledLater").live(), 0);
  Track(AllocationTracking::kAllSites);
  free(second);  // allocated while nobody looked: nobody's
  EXPECT_EQ(Find("SiteSettledLater").live(), 0);
}

TEST_F(AllocationSitesTest, SitesNeverGoBelowZeroHoweverOftenOneSwitches) {
  constexpr AllocationTracking kModes[] = {AllocationTracking::kOff, AllocationTracking::kCounts,
                                           AllocationTracking::kSampledSites,
                                           AllocationTracking::kAllSites};
  std::vector<void*> blocks;
  for (int round = 0; round < 400; ++round) {
    Track(kModes[round * 7 % 4], {.mean_sample_bytes = 100});
    for (int i = 0; i < 5; ++i) blocks.push_back(SiteOfSwitching(64));
    if (round % 3 != 0) continue;
    for (void* block : blocks) ::operator delete(block);
    blocks.clear();
  }
  for (void* block : blocks) ::operator delete(block);
  const AllocationReport report = CollectAllocationReport();
  for (const AllocationSite& site : report.sites) {
    EXPECT_GE(site.live(), 0);
    EXPECT_GE(site.live_bytes(), 0);
  }
  EXPECT_EQ(Find("SiteOfSwitching").live(), 0);
}

TEST_F(AllocationSitesTest, CountsOfAllThreadsAddUpExactly) {
  Track(AllocationTracking::kAllSites);
  constexpr int kThreads = 4;
  constexpr int kRounds = 5000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < kRounds; ++i) ::operator delete(SiteOfThreads(8 + i % 100));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const AllocationSite site = Find("SiteOfThreads");
  EXPECT_EQ(site.allocations, static_cast<uint64_t>(kThreads * kRounds));
  EXPECT_EQ(site.temporary(), static_cast<uint64_t>(kThreads * kRounds));
  EXPECT_EQ(site.live(), 0);
}

TEST_F(AllocationSitesTest, ThePeakIsExactWithOneThread) {
  Track(AllocationTracking::kAllSites);
  constexpr int64_t kHill = 5'000'123;
  const AllocationReport before = CollectAllocationReport();
  seen = ::operator new(static_cast<size_t>(before.peak_bytes + kHill));
  ::operator delete(seen);
  const AllocationReport after = CollectAllocationReport();
  // The reports' own vectors live at the same time, and are small.
  EXPECT_NEAR(static_cast<double>(after.peak_bytes),
              static_cast<double>(before.live_bytes + before.peak_bytes + kHill), 300'000);
  EXPECT_LT(after.live_bytes, before.live_bytes + 300'000);
}

TEST_F(AllocationSitesTest, SampledEstimatesHaveNoBias) {
  constexpr uint64_t kMean = 1000;
  constexpr int kRounds = 20'000;
  Track(AllocationTracking::kSampledSites, {.mean_sample_bytes = kMean});
  for (int i = 0; i < kRounds; ++i) {
    ::operator delete(SiteOfSmallSamples(24));
    ::operator delete(SiteOfLargeSamples(3000));
  }
  const AllocationSite small = Find("SiteOfSmallSamples");
  const AllocationSite large = Find("SiteOfLargeSamples");
  // An allocation of s bytes is hit with p = 1 - exp(-s / mean) and then stands for 1 / p: the
  // variance of the estimate of n of them is n (1 - p) / p. The generator starts from a fixed seed;
  // five standard deviations.
  const auto tolerance = [](double size) {
    const double p = 1 - std::exp(-size / kMean);
    return 5 * std::sqrt(kRounds * (1 - p) / p) + 5 * std::sqrt(kRounds) / 2;
  };
  EXPECT_NEAR(static_cast<double>(small.allocations), kRounds, tolerance(24));
  EXPECT_NEAR(static_cast<double>(large.allocations), kRounds, tolerance(3000));
  EXPECT_EQ(small.bytes, small.allocations * 24);
  EXPECT_EQ(large.bytes, large.allocations * 3000);
  // What was sampled was noticed when it was freed.
  EXPECT_EQ(small.live(), 0);
  EXPECT_EQ(large.live(), 0);
  EXPECT_EQ(small.temporary(), small.allocations);
}

TEST_F(AllocationSitesTest, CountersStayExactWhileSitesAreSampled) {
  Track(AllocationTracking::kSampledSites, {.mean_sample_bytes = 50});
  AllocationTracker tracker("sampled");
  for (int i = 0; i < 1000; ++i) ::operator delete(SiteOfSmallSamples(24));
  const AllocationCounts counts = tracker.Finish();
  EXPECT_EQ(counts, (AllocationCounts{.allocations = 1000, .frees = 1000, .bytes = 24'000}));
}

TEST_F(AllocationSitesTest, OffCountsNothing) {
  Track(AllocationTracking::kOff);
  AllocationTracker tracker("off");
  ::operator delete(SiteOfSmallSamples(24));
  const TrackedCounts counts = tracker.Finish();
  EXPECT_EQ(counts.allocations, 0u);
  EXPECT_FALSE(counts.counted);
  EXPECT_FALSE(AllocationTracker::Counting());
}

TEST_F(AllocationSitesTest, OptionsOutOfRangeAreRefused) {
  const auto refused = [](const SiteOptions& options, const std::string& message) {
    const absl::Status status = SetAllocationTracking(AllocationTracking::kAllSites, options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), message);
  };
  refused({.mean_sample_bytes = 0}, "mean_sample_bytes: want 1 to 1000000, got 0");
  refused({.mean_sample_bytes = 1'000'001}, "mean_sample_bytes: want 1 to 1000000, got 1000001");
  refused({.max_frames = -1}, "max_frames: want 0 to 30, got -1");
  refused({.max_frames = 31}, "max_frames: want 0 to 30, got 31");
  EXPECT_TRUE(SetAllocationTracking(AllocationTracking::kAllSites, {.max_frames = 30}).ok());
}

}  // namespace
}  // namespace blixard::memory
