// The search itself, with runs that fail as they are told. That a world's failure is found and
// explained: //tests/mutation:simulate_test.
#include "tests/simulation/seed_search.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/simulation/coverage.h"
#include "tests/simulation/fault_schedule.h"
#include "tests/simulation/isolated_run.h"
#include "tests/simulation/world.h"

namespace blixard::raft {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

WorldResult Holds(const WorldOptions&) {
  WorldResult result;
  result.events = 1;
  return result;
}

[[noreturn]] void Hang() {
  alarm(1);
  while (true) pause();
}

// The seed's run does `what`, all others hold.
template <class What>
WorldRunner WithSeed(uint64_t seed, What what) {
  return [=](const WorldOptions& options) {
    WorldResult result = Holds(options);
    if (options.seed == seed) what(result);
    return result;
  };
}

TEST(SeedSearchTest, RunsEverySeedOnce) {
  const SeedSearchResult result =
      SearchSeeds({.start = 7, .seeds = 100, .jobs = 3, .run = Holds}, nullptr);
  EXPECT_EQ(result.seeds, 100u);
  EXPECT_EQ(result.events, 100u);
  EXPECT_FALSE(result.failed_seed.has_value());
  EXPECT_FALSE(result.incomplete);
}

TEST(SeedSearchTest, NamesTheSeedThatViolates) {
  const auto run = WithSeed(13, [](WorldResult& result) { result.violation = "two leaders"; });
  const SeedSearchResult result = SearchSeeds({.seeds = 20, .jobs = 2, .run = run}, nullptr);
  EXPECT_EQ(result.failed_seed, 13u);
  EXPECT_FALSE(result.incomplete);
}

TEST(SeedSearchTest, NamesTheSeedThatEndsItsProcess) {
  for (const uint64_t seed : {uint64_t{0}, uint64_t{5}}) {
    const auto run = WithSeed(seed, [](WorldResult&) { std::_Exit(3); });
    const SeedSearchResult result =
        SearchSeeds({.start = 0, .seeds = 6, .jobs = 2, .run = run}, nullptr);
    EXPECT_EQ(result.failed_seed, seed);
  }
}

TEST(SeedSearchTest, NamesTheSeedThatDoesNotEnd) {
  const auto run = WithSeed(3, [](WorldResult&) { Hang(); });
  EXPECT_EQ(SearchSeeds({.seeds = 6, .jobs = 2, .run = run}, nullptr).failed_seed, 3u);
}

// Nobody can be told for the seeds of a process that ended while it was at none.
TEST(SeedSearchTest, MissesTheSeedsOfAProcessThatEndedBetweenTwo) {
  SeedSearchOptions options{.seeds = 20, .jobs = 2};
  options.run = [&options](const WorldOptions& world) {
    if (world.seed == 5) options.seeds = 0;  // in this process only: it takes no further seed
    return Holds(world);
  };
  const SeedSearchResult result = SearchSeeds(options, nullptr);
  EXPECT_TRUE(result.incomplete);
  EXPECT_FALSE(result.failed_seed.has_value());
  EXPECT_EQ(result.seeds, 13u);
}

TEST(NeverHitTest, NamesThePathsThatWereNeverGone) {
  Coverage coverage;
  EXPECT_EQ(NeverHit(coverage).size(), kRareCount);
  for (size_t i = 0; i + 1 < kRareCount; ++i) coverage.Hit(static_cast<Rare>(i));
  EXPECT_THAT(NeverHit(coverage),
              testing::ElementsAre(RareName(static_cast<Rare>(kRareCount - 1))));
}

TEST(RunIsolatedTest, SaysHowTheRunEnded) {
  EXPECT_THAT(RunIsolated({}, Holds), IsEmpty());
  EXPECT_EQ(RunIsolated({}, WithSeed(0, [](WorldResult& result) { result.violation = "lost"; })),
            "lost");
  EXPECT_THAT(RunIsolated({}, WithSeed(0, [](WorldResult&) { CHECK_EQ(1, 2) << "sum"; })),
              HasSubstr("died of signal 6: Check failed: 1 == 2 (1 vs. 2) sum"));
  EXPECT_THAT(RunIsolated({}, WithSeed(0, [](WorldResult&) { std::_Exit(3); })),
              HasSubstr("ended with status 3"));
  EXPECT_THAT(RunIsolated({}, WithSeed(0, [](WorldResult&) { Hang(); })),
              HasSubstr("did not end in time"));
}

bool Has(const WorldOptions& options, const std::vector<Fault>& all, size_t place) {
  if (!options.faults.has_value()) return true;
  for (const Fault& fault : *options.faults) {
    if (ToString(fault) == ToString(all[place])) return true;
  }
  return false;
}

TEST(ExplainFailureTest, KeepsToTheFailureThatWasFound) {
  const WorldOptions options{.seed = 1};
  const std::vector<Fault> all = WorldFaults(options);
  ASSERT_GT(all.size(), 4u);
  const auto run = [&](const WorldOptions& some) {
    WorldResult result;
    const bool whole = Has(some, all, 1) && Has(some, all, 3);
    result.violation = whole ? "two leaders of one term (replica 1, index 2)" : "not converged";
    return result;
  };
  const Explanation why = ExplainFailure(options, run);
  EXPECT_THAT(why.violation, HasSubstr("two leaders"));
  EXPECT_THAT(why.needed, testing::ElementsAre(1, 3));
}

TEST(ExplainFailureTest, WhatHoldsByItselfHasNothingToExplain) {
  EXPECT_THAT(ExplainFailure({.seed = 1}, Holds).violation, IsEmpty());
}

}  // namespace
}  // namespace blixard::raft
