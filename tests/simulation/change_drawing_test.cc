#include "tests/simulation/change_drawing.h"

#include <gtest/gtest.h>

#include <set>

namespace blixard::raft {
namespace {

constexpr ReplicaId kOne{1}, kTwo{2}, kThree{3}, kFour{4}, kFive{5};

// Replica 4 has received the log, 5 has not.
NodeStatus StatusOfLeader() {
  NodeStatus status;
  for (const ReplicaId id : {kTwo, kThree, kFour, kFive}) {
    PeerStatus& peer = status.peers.emplace_back();
    peer.id = id;
    if (id != kFive) peer.match = LogIndex{9};
  }
  return status;
}

ConfigurationChange Draw(const Configuration& now, uint64_t seed) {
  return DrawChange(now, StatusOfLeader(), {.replicas = 5, .seed = seed});
}

TEST(ChangeDrawingTest, AJointConfigurationIsLeft) {
  const Configuration joint{.voters = {kOne, kTwo, kThree}, .outgoing = {kOne, kTwo}};
  for (uint64_t seed = 0; seed < 50; ++seed) EXPECT_TRUE(Draw(joint, seed).changes.empty());
}

TEST(ChangeDrawingTest, NobodyIsNamedTwiceAndSomethingIsNamed) {
  const Configuration now{.voters = {kOne, kTwo, kThree}, .learners = {kFour}};
  for (uint64_t seed = 0; seed < 500; ++seed) {
    std::set<ReplicaId> named;
    const ConfigurationChange change = Draw(now, seed);
    EXPECT_FALSE(change.changes.empty()) << "seed " << seed;
    for (const MemberChange& step : change.changes) {
      EXPECT_TRUE(named.insert(step.id).second) << "seed " << seed;
    }
  }
}

TEST(ChangeDrawingTest, OnlyWhoHasReceivedTheLogBecomesAVoter) {
  const Configuration now{.voters = {kOne, kTwo, kThree}, .learners = {kFour, kFive}};
  bool promotes = false;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    for (const MemberChange& step : Draw(now, seed).changes) {
      if (step.type != MemberChangeType::kAddVoter) continue;
      EXPECT_NE(step.id, kFive) << "seed " << seed;
      promotes = promotes || step.id == kFour;
    }
  }
  EXPECT_TRUE(promotes);
}

TEST(ChangeDrawingTest, OneVoterStays) {
  const Configuration now{.voters = {kOne, kTwo, kThree}};
  bool shrinks = false;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    size_t left = now.voters.size();
    for (const MemberChange& step : Draw(now, seed).changes) {
      const bool votes = step.type == MemberChangeType::kAddVoter;
      if (votes && !now.HasVoter(step.id)) ++left;
      if (!votes && now.HasVoter(step.id)) --left;
    }
    EXPECT_GE(left, 1u) << "seed " << seed;
    shrinks = shrinks || left == 1;
  }
  EXPECT_TRUE(shrinks);
}

}  // namespace
}  // namespace blixard::raft
