#include "tests/simulation/world.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/coverage.h"
#include "tests/simulation/fault_schedule.h"

namespace blixard::raft {
namespace {

TEST(WorldTest, TheSameSeedGivesTheSameRunToTheByte) {
  for (uint64_t seed : {1, 2, 3, 4, 5}) {
    const WorldOptions options{.seed = seed, .keep_trace = true};
    const WorldResult first = RunWorld(options);
    const WorldResult second = RunWorld(options);
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
    EXPECT_EQ(first.history, second.history) << "seed " << seed;
    EXPECT_GT(first.events, 1000u) << "seed " << seed;
  }
}

TEST(WorldTest, AnotherSeedGivesAnotherRun) {
  EXPECT_NE(RunWorld({.seed = 1, .replicas = 3}).trace_hash,
            RunWorld({.seed = 2, .replicas = 3}).trace_hash);
}

TEST(WorldTest, KeepingTheTraceChangesNothing) {
  EXPECT_EQ(RunWorld({.seed = 6}).trace_hash, RunWorld({.seed = 6, .keep_trace = true}).trace_hash);
}

TEST(WorldTest, WithoutFaultsNoOutcomeStaysUnknownAndHardlyAnyOperationFails) {
  const WorldResult result = RunWorld({.seed = 7, .replicas = 3, .faults = std::vector<Fault>()});
  EXPECT_EQ(result.violation, "");
  size_t failed = 0;  // before there is a leader, or because a session was evicted
  for (const Operation& operation : result.history) {
    EXPECT_NE(operation.status, OperationStatus::kUnknown);
    if (operation.status == OperationStatus::kFail) ++failed;
  }
  EXPECT_GT(result.history.size(), 100u);
  EXPECT_LT(failed * 20, result.history.size());
}

TEST(WorldTest, AClusterThatDoesNotConvergeInTimeIsReported) {
  std::vector<Fault> faults;
  for (uint32_t replica = 0; replica < 3; ++replica) {
    faults.push_back({.time = 30 * kSecond - 1, .duration = kSecond, .a = replica});
  }
  const WorldOptions options{.seed = 8, .replicas = 3, .faults = faults};
  EXPECT_EQ(RunWorld(options).violation, "");
  WorldOptions hurried = options;
  hurried.heal = 0;  // no leader can be elected at once
  const WorldResult result = RunWorld(hurried);
  EXPECT_NE(result.violation.find("not converged"), std::string::npos) << result.violation;
}

TEST(WorldTest, AReplicaThatLosesItsDiskIsRemovedAndComesBackAsALearnerAndThenAVoter) {
  uint64_t told = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const WorldResult result = RunWorld(
        {.seed = seed,
         .replicas = 3,
         .faults = std::vector<Fault>{{.time = 5 * kSecond, .kind = FaultKind::kLoseDisk}}});
    EXPECT_EQ(result.violation, "") << "seed " << seed;
    EXPECT_EQ(result.coverage.hits(Rare::kDiskLost), 1u) << "seed " << seed;
    EXPECT_EQ(result.coverage.hits(Rare::kLostReplicaRejoined), 1u) << "seed " << seed;
    told += result.coverage.hits(Rare::kLossTold);
  }
  EXPECT_GT(told, 0u) << "nobody came back too early and was told of its loss";
}

TEST(WorldTest, AHarmedDiskIsRefusedOrDoneWithout) {
  uint64_t refused = 0, without = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const WorldResult result = RunWorld({.seed = seed,
                                         .replicas = 3,
                                         .faults = std::vector<Fault>{{.time = 20 * kSecond,
                                                                       .duration = kSecond,
                                                                       .kind = FaultKind::kHarmDisk,
                                                                       .a = 1,
                                                                       .amount = seed}}});
    EXPECT_EQ(result.violation, "") << "seed " << seed;
    refused += result.coverage.hits(Rare::kDamageRefused);
    without += result.coverage.hits(Rare::kSnapshotSetAside);
    EXPECT_EQ(result.coverage.hits(Rare::kDiskLost), result.coverage.hits(Rare::kDamageRefused));
  }
  EXPECT_GT(refused, 0u);
  EXPECT_GT(without, 0u);
}

// Without another voter that is up, the group would never have a leader again.
TEST(WorldTest, NoDiskIsLostThatTheGroupCannotDoWithout) {
  const WorldResult result =
      RunWorld({.seed = 1,
                .replicas = 3,
                .faults = std::vector<Fault>{
                    {.time = 4 * kSecond, .duration = 3 * kSecond, .kind = FaultKind::kCrash},
                    {.time = 5 * kSecond, .kind = FaultKind::kLoseDisk, .a = 1}}});
  EXPECT_EQ(result.violation, "");
  EXPECT_EQ(result.coverage.hits(Rare::kDiskLost), 0u);
}

}  // namespace
}  // namespace blixard::raft
