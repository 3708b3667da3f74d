// Who may be made a voter, and that a new member gets as far.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "raft/core/configuration_change.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"
#include "tests/raft/core/membership_changes.h"

namespace blixard::raft {
namespace {

// Whoever counts for the majorities must be able to help to make them.
TEST(MembershipScenariosTest, NewVoterMustBeALearnerThatFollows) {
  RawNodeConfig config = ConfigOfOne();
  config.max_new_voter_lag = 2;
  DrivenNode node(config, 3);
  LeadAndCommit(node);
  const ConfigurationChange promotion = One(MemberChangeType::kAddVoter, 4);
  const auto refusal = [&] { return node->ProposeConfigurationChange(promotion).status(); };
  EXPECT_EQ(refusal().message(),
            "replica 4: want a learner to make a voter of, got no member; add it as a learner "
            "first");
  ASSERT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddLearner, 4)).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{2}));
  EXPECT_THAT(std::string(refusal().message()), testing::HasSubstr("2 is not confirmed"));
  node.Take(Ack({.replica = 2}, LogIndex{3}));
  EXPECT_THAT(std::string(refusal().message()),
              testing::HasSubstr("state probe that is 3 behind (it has 0 of 3)"));
  node.Take(Ack({.replica = 4}, LogIndex{3}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  node.Work();
  EXPECT_EQ(refusal().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refusal().message()),
              testing::HasSubstr("at most 2 entries behind, got one in state replicate that is 3 "
                                 "behind (it has 3 of 6)"));
  node.Take(Ack({.replica = 4}, LogIndex{4}));
  for (uint32_t tick = 0; tick < config.election_ticks; ++tick) {
    node->Tick();
    node.Work();
    node.Take(From({.replica = 2}, MessageType::kHeartbeatReply));
  }
  EXPECT_EQ(refusal().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refusal().message()), testing::HasSubstr("replica 4 does not answer"));
  node.Take(From({.replica = 4}, MessageType::kHeartbeatReply));
  EXPECT_TRUE(node->ProposeConfigurationChange(promotion).ok());
}

// Also where any lag will do: it would count for the majorities and never help to make one.
TEST(MembershipScenariosTest, ReplicaThatLostDataIsMadeNoVoter) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddLearner, 4)).ok());
  node.Work();
  for (uint64_t index : {2, 3}) node.Take(Ack({.replica = 2}, LogIndex{index}));
  Message told = Ack({.replica = 4}, LogIndex{3});
  told.lost_data = true;
  node.Take(told);
  EXPECT_EQ(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 4)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(MembershipScenariosTest, VoterOfTheGroupIsNoNewVoter) {
  RawNodeConfig config = ConfigOfOne();
  config.max_new_voter_lag = 0;
  DrivenNode node(config, 3);
  LeadAndCommit(node);
  ConfigurationChange moved = One(MemberChangeType::kAddVoter, 3);  // it has never answered
  moved.changes[0].address = "elsewhere:7003";
  EXPECT_TRUE(node->ProposeConfigurationChange(moved).ok());
}

// Nothing else may come that would be sent: without another probe it would stay behind for ever.
TEST(MembershipScenariosTest, NewMemberWhoseFirstMessageWasLostIsAskedAgain) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddLearner, 4)).ok());
  node.Work();
  const auto asks = [](const std::vector<Message>& sent) {
    return std::count_if(sent.begin(), sent.end(), [](const Message& message) {
      return message.to == ReplicaId{4} && message.type == MessageType::kAppend;
    });
  };
  ASSERT_EQ(asks(node.Take(Ack({.replica = 2}, LogIndex{2}))), 1);  // lost
  for (int beat = 0; beat < 3; ++beat) {
    node->Tick();
    EXPECT_EQ(asks(node.Work()), 0);  // it has not answered anything
    EXPECT_EQ(asks(node.Take(From({.replica = 4}, MessageType::kHeartbeatReply))), 1);
  }
  node.Take(Ack({.replica = 4}, LogIndex{3}));
  node->Tick();
  node.Work();
  EXPECT_EQ(asks(node.Take(From({.replica = 4}, MessageType::kHeartbeatReply))), 0);
}

}  // namespace
}  // namespace blixard::raft
