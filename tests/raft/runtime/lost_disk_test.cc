// L11: a replica whose disk was replaced comes back blank. It is told so instead of ending the
// process, takes no part in elections, and returns by way of a learner; the others serve meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "raft/core/configuration_change.h"
#include "raft/core/node_status.h"
#include "raft/runtime/replica.h"
#include "tests/raft/runtime/replica_group.h"

namespace blixard::raft {
namespace {

class LostDiskTest : public ::testing::Test {
 protected:
  LostDiskTest()
      : group_({.size = 3, .snapshots = true, .configure = [this](ReplicaConfig& config) {
                  config.snapshot_entries = 30;
                  config.max_retained_bytes = 1000;
                  if (config.id == blank_) config.voters.clear();
                }}) {}

  // Whoever leads now commits `count` more.
  void Serve(size_t count) {
    const size_t before = box_.size();
    for (size_t i = 0; i < count; ++i) {
      ReplicaGroup::Await([&] { return group_.Propose(group_.AwaitLeader(), "x", box_).ok(); },
                          "a proposal is taken");
    }
    const std::vector<AnswerBox::Answer> answers = box_.Await(before + count);
    for (size_t i = before; i < answers.size(); ++i) {
      EXPECT_EQ(answers[i].end, ProposalEnd::kCommitted);
    }
    served_ += count;
  }

  void LoseDisk(uint64_t id) {
    group_.Stop(id);
    group_.disk(id).Replace();
    group_.snapshot_disk(id).Replace();
  }

  absl::Status Change(MemberChangeType type, uint64_t id) {
    ReplicaRequest request{.kind = ReplicaRequest::Kind::kChangeMembers};
    request.change.changes = {{.type = type, .id = ReplicaId{id}}};
    return group_.Request(group_.AwaitLeader(), std::move(request));
  }

  bool LeaderSeesLoss(uint64_t lost) {
    const std::vector<PeerStatus> peers = group_.replica(group_.AwaitLeader()).Status().node.peers;
    return std::any_of(peers.begin(), peers.end(), [&](const PeerStatus& peer) {
      return peer.id == ReplicaId{lost} && peer.lost_data;
    });
  }

  ReplicaId blank_ = kNoReplica;  // starts as a new member does
  ReplicaGroup group_;
  AnswerBox box_;
  size_t served_ = 0;
};

TEST_F(LostDiskTest, ReplicaIsToldDoesNotVoteAndComesBackAsALearner) {
  for (uint64_t id : {1, 2, 3}) group_.Start(id);
  const uint64_t leader = group_.Elect();
  const uint64_t lost = leader % 3 + 1;
  const uint64_t other = lost % 3 + 1;
  Serve(100);
  group_.AwaitApplied(served_);

  LoseDisk(lost);
  Serve(10);
  group_.Start(lost);  // as if nothing had happened
  ReplicaGroup::Await(
      [&] { return group_.replica(lost).Status().node.lost_data && LeaderSeesLoss(lost); },
      "it and its leader learn of the loss");
  Serve(10);

  // With its vote the other one would be elected.
  group_.Isolate(leader, true);
  const uint64_t before = group_.replica(other).Status().node.campaigns;
  ReplicaGroup::Await([&] { return group_.replica(other).Status().node.campaigns >= before + 3; },
                      "campaigns");
  EXPECT_EQ(group_.replica(other).Status().node.leader, kNoReplica);
  EXPECT_EQ(group_.replica(lost).Status().node.vote, kNoReplica);
  EXPECT_EQ(group_.replica(lost).Status().node.campaigns, 0u);
  group_.Isolate(leader, false);
  Serve(10);

  ASSERT_TRUE(Change(MemberChangeType::kRemove, lost).ok());
  LoseDisk(lost);
  blank_ = ReplicaId{lost};
  group_.Start(lost);
  Serve(10);
  ASSERT_TRUE(Change(MemberChangeType::kAddLearner, lost).ok());
  group_.AwaitApplied(served_);
  EXPECT_FALSE(group_.replica(lost).Status().node.lost_data);
  ASSERT_TRUE(Change(MemberChangeType::kAddVoter, lost).ok());

  // A voter in full: with it alone the leader has a majority.
  const uint64_t now = group_.AwaitLeader();
  group_.Isolate(now == other ? leader : other, true);
  Serve(10);
  group_.AwaitApplied(0);
  const auto knows = [&] {
    return group_.replica(lost).Status().node.configuration.voters.size() == 3;
  };
  ReplicaGroup::Await(knows, "the promoted replica's own change");
}

}  // namespace
}  // namespace blixard::raft
