// Random groups of every kind, by their seeds.
#include "tests/raft/core/random_group.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace blixard::raft {
namespace {

// Violations are CHECKs: this names the trial in the log before the process stops.
std::string* const running = new std::string();
// GNU's attribute, since glog's type has it and clang takes it for part of the type.
__attribute__((noreturn)) void PrintRunning() {
  fprintf(stderr, "while running %s\n", running->c_str());
  abort();
}

Totals RunSeeds(Trial trial, uint64_t seeds) {
  google::InstallFailureFunction(&PrintRunning);
  Totals sum;
  uint64_t first = 1;
  if (const char* only = std::getenv("RAFT_SEED")) {
    CHECK(absl::SimpleAtoi(only, &first));
    seeds = 1;
  }
  for (trial.seed = first; trial.seed < first + seeds; ++trial.seed) {
    *running =
        absl::StrCat("voters=", trial.voters, " seed=", trial.seed,
                     trial.changes_members ? " changing members" : "", trial.async ? " async" : "",
                     trial.leases ? " leases" : "", trial.loses_disks ? " losing disks" : "");
    RandomGroup group(trial);
    group.Run();
    sum.Add(group.totals());
  }
  absl::PrintF(
      "voters=%d%s%s%s seeds=%d..: %d leaders, %d entries committed, %d crashes, %d reads, %d "
      "changes, %d snapshots, %d installs, %d transfers, %d lease reads, %d lost disks, %d "
      "replaced\n",
      trial.voters, trial.changes_members ? " changing members" : "", trial.async ? " async" : "",
      trial.leases ? " leases" : "", first, sum.leaders, sum.committed, sum.crashes, sum.reads,
      sum.changes, sum.snapshots, sum.installs, sum.transfers, sum.lease_reads, sum.lost_disks,
      sum.replaced);
  return sum;
}

// More by --test_env=RAFT_SEEDS=N; one alone by RAFT_SEED=N, with its steps by RAFT_TRACE=1.
uint64_t SeedBudget() {
#ifdef NDEBUG
  uint64_t seeds = 120;
#else
  uint64_t seeds = 15;
#endif
  if (const char* wanted = std::getenv("RAFT_SEEDS")) CHECK(absl::SimpleAtoi(wanted, &seeds));
  return seeds;
}

// Not tests of nothing.
void ExpectBusy(const Totals& totals) {
  if (std::getenv("RAFT_SEED") != nullptr) return;
  EXPECT_GT(totals.leaders, SeedBudget() * 2);
  EXPECT_GT(totals.committed, SeedBudget() * 5);
  EXPECT_GT(totals.crashes, SeedBudget());
  EXPECT_GT(totals.reads, SeedBudget());
  EXPECT_GT(totals.snapshots, SeedBudget());
  EXPECT_GT(totals.installs, 0u);
  EXPECT_GT(totals.transfers, SeedBudget() / 4);
}

TEST(RandomGroupTest, ThreeReplicasStaySafeAndConverge) {
  ExpectBusy(RunSeeds({.voters = 3}, SeedBudget()));
}

TEST(RandomGroupTest, FiveReplicasStaySafeAndConverge) {
  ExpectBusy(RunSeeds({.voters = 5}, SeedBudget()));
}

TEST(RandomGroupTest, ThreeReplicasWithAsynchronousStorageStaySafeAndConverge) {
  ExpectBusy(RunSeeds({.voters = 3, .async = true}, SeedBudget()));
}

TEST(RandomGroupTest, ChangingGroupStaysSafeAndConverges) {
  const Totals totals = RunSeeds({.voters = 3, .changes_members = true}, SeedBudget());
  ExpectBusy(totals);
  EXPECT_GT(totals.changes, SeedBudget() / 2);
}

TEST(RandomGroupTest, ChangingGroupWithAsynchronousStorageStaysSafeAndConverges) {
  const Totals totals =
      RunSeeds({.voters = 3, .changes_members = true, .async = true}, SeedBudget());
  ExpectBusy(totals);
  EXPECT_GT(totals.changes, SeedBudget() / 2);
}

// Every change that replaces all voters at once is met here.
TEST(RandomGroupTest, ChangingGroupOfOneStaysSafeAndConverges) {
  for (const bool async : {false, true}) {
    const Totals totals =
        RunSeeds({.voters = 1, .changes_members = true, .async = async}, SeedBudget());
    if (std::getenv("RAFT_SEED") != nullptr) continue;
    EXPECT_GT(totals.leaders, SeedBudget());
    EXPECT_GT(totals.crashes, SeedBudget());
    EXPECT_GT(totals.changes, SeedBudget() / 2);
  }
}

void ExpectLeasesInUse(const Totals& totals) {
  if (std::getenv("RAFT_SEED") != nullptr) return;
  EXPECT_GT(totals.leaders, SeedBudget());
  EXPECT_GT(totals.lease_reads, SeedBudget() * 100);
}

TEST(RandomGroupTest, LeasesOfThreeReplicasShowWhatIsCommitted) {
  ExpectLeasesInUse(RunSeeds({.voters = 3, .leases = true}, SeedBudget()));
}

TEST(RandomGroupTest, LeasesOfFiveReplicasShowWhatIsCommitted) {
  ExpectLeasesInUse(RunSeeds({.voters = 5, .leases = true}, SeedBudget()));
}

// Whoever leads meanwhile, and however often a replica with a lost disk starts before its removal.
TEST(RandomGroupTest, GroupWhoseDisksAreLostOneByOneStaysSafeAndConverges) {
  // Long ones; fewer would say nothing of how often a rare thing is met.
  const uint64_t seeds = std::max(SeedBudget() / 3, uint64_t{20});
  for (const uint64_t voters : {3, 5}) {
    const Totals totals = RunSeeds({.voters = voters, .loses_disks = true, .steps = 4000}, seeds);
    if (std::getenv("RAFT_SEED") != nullptr) continue;
    EXPECT_GT(totals.leaders, seeds * 2);
    EXPECT_GT(totals.lost_disks, seeds);
    EXPECT_GT(totals.replaced, seeds / 4);
  }
}

TEST(RandomGroupTest, OneReplicaStaysSafeAndConverges) {
  EXPECT_GT(RunSeeds({.voters = 1}, SeedBudget()).committed, SeedBudget() * 5);
}

}  // namespace
}  // namespace blixard::raft
