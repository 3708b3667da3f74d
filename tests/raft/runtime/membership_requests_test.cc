#include "raft/runtime/membership_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "raft/core/configuration_change.h"
#include "raft/core/message.h"
#include "raft/core/raw_node.h"
#include "raft/core/ready_batch.h"

namespace blixard::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The only voter, in office, whose disk and state machine are instant.
class MembershipRequestsTest : public ::testing::Test {
 protected:
  MembershipRequestsTest() {
    RestoredLog restored;
    restored.snapshot.configuration.voters = {ReplicaId{1}};
    node_ =
        RawNode::Create({.cluster = ClusterId{7}, .id = ReplicaId{1}}, std::move(restored)).value();
    node_->Campaign();
    requests_ = std::make_unique<MembershipRequests>(*node_);
    Settle();
  }

  ReplicaRequest Ask(MemberChangeType type, uint64_t id,
                     Transition transition = Transition::kAuto) {
    ReplicaRequest request{.kind = ReplicaRequest::Kind::kChangeMembers};
    request.change = {.transition = transition, .changes = {{.type = type, .id = ReplicaId{id}}}};
    request.done = [this](const absl::Status& end) { ends_.push_back(end.code()); };
    return request;
  }

  // Stores and applies what there is. In a joint configuration the other half never answers.
  void Settle() {
    while (node_->HasReady()) {
      const ReadyBatch& ready = node_->Ready();
      for (const Message& message : ready.messages) {
        if (message.type == MessageType::kAppend) session_ = message.context;
      }
      for (const Entry& entry : ready.apply.committed) {
        if (entry.type == EntryType::kConfiguration) node_->ApplyConfigurationChange(entry);
      }
      node_->Advance();
    }
    requests_->Follow();
  }

  // Replica 2 has stored everything so far.
  void Acknowledge() {
    Message reply = From2(MessageType::kAppendReply, node_->term());
    reply.log.index = node_->last_index();
    reply.context = session_;
    ASSERT_TRUE(node_->Step(reply).ok());
    Settle();
  }

  void Depose() {
    Message heartbeat = From2(MessageType::kHeartbeat, Term{99});
    ASSERT_TRUE(node_->Step(heartbeat).ok());
    requests_->Follow();
  }

  static Message From2(MessageType type, Term term) {
    Message message;
    message.type = type;
    message.cluster = ClusterId{7};
    message.from = ReplicaId{2};
    message.to = ReplicaId{1};
    message.term = term;
    return message;
  }

  uint64_t session_ = 0;
  std::unique_ptr<RawNode> node_;
  std::unique_ptr<MembershipRequests> requests_;
  std::vector<absl::StatusCode> ends_;
};

TEST_F(MembershipRequestsTest, ChangeEndsWhenItIsConfirmed) {
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2));
  EXPECT_THAT(ends_, IsEmpty());
  Settle();
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kOk));
  EXPECT_TRUE(node_->configuration().HasMember(ReplicaId{2}));
}

TEST_F(MembershipRequestsTest, ChangeThatIsInForceEndsWhenTheNewVotersHaveConfirmedIt) {
  requests_->Take(Ask(MemberChangeType::kAddVoter, 2));
  Settle();
  EXPECT_TRUE(node_->configuration().HasVoter(ReplicaId{2}));
  EXPECT_THAT(ends_, IsEmpty()) << "after a power cut 2 would not know that it votes";
  Acknowledge();
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kOk));
}

TEST_F(MembershipRequestsTest, RemovalOfTheLeaderEndsWhenItIsNotNeededAnyMore) {
  requests_->Take(Ask(MemberChangeType::kAddVoter, 2));
  Settle();
  Acknowledge();
  requests_->Take(Ask(MemberChangeType::kRemove, 1));
  Settle();
  Acknowledge();
  EXPECT_FALSE(node_->configuration().HasMember(ReplicaId{1}));
  EXPECT_EQ(ends_.size(), 1u);
  Acknowledge();
  EXPECT_EQ(node_->role(), Role::kFollower);
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kOk));
}

// The next leader confirms it, and answers whoever asks again.
TEST_F(MembershipRequestsTest, LeadershipLostBeforeItIsConfirmedEndsIt) {
  requests_->Take(Ask(MemberChangeType::kAddVoter, 2));
  Settle();
  Depose();
  EXPECT_TRUE(node_->configuration().HasVoter(ReplicaId{2}));
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kUnavailable));
}

TEST_F(MembershipRequestsTest, OneIsUnderWayAtATime) {
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2));
  requests_->Take(Ask(MemberChangeType::kAddLearner, 3));
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kUnavailable));
  Settle();
  requests_->Take(Ask(MemberChangeType::kAddLearner, 3));
  Settle();
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kUnavailable, absl::StatusCode::kOk,
                                 absl::StatusCode::kOk));
}

TEST_F(MembershipRequestsTest, ChangeThatCannotBeIsRefusedAtOnce) {
  requests_->Take(Ask(MemberChangeType::kRemove, 1));
  ASSERT_EQ(ends_.size(), 1u) << "nobody would be left";
  EXPECT_NE(ends_[0], absl::StatusCode::kOk);
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2));
  Settle();
  EXPECT_EQ(ends_.back(), absl::StatusCode::kOk) << "nothing was left behind";
}

TEST_F(MembershipRequestsTest, JointChangeEndsWhenTheJointConfigurationWasLeft) {
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2, Transition::kJointImplicit));
  for (int round = 0; round < 3; ++round) {
    if (node_->configuration().IsJoint()) {
      EXPECT_THAT(ends_, IsEmpty());
    }
    Settle();
  }
  EXPECT_FALSE(node_->configuration().IsJoint());
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kOk));
}

TEST_F(MembershipRequestsTest, ExplicitJointChangeEndsInTheJointConfiguration) {
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2, Transition::kJointExplicit));
  Settle();
  EXPECT_TRUE(node_->configuration().IsJoint());
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kOk));
}

// L14: whoever waits is told; what became of the change only the next leader knows.
TEST_F(MembershipRequestsTest, LostLeadershipEndsIt) {
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2));
  Depose();
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kUnavailable));
  requests_->EndAll();
  EXPECT_EQ(ends_.size(), 1u) << "once";
}

TEST_F(MembershipRequestsTest, EndOfTheReplicaEndsIt) {
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2));
  requests_->EndAll();
  requests_->EndAll();
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kUnavailable));
}

TEST_F(MembershipRequestsTest, FollowerRefuses) {
  Depose();
  requests_->Take(Ask(MemberChangeType::kAddLearner, 2));
  EXPECT_THAT(ends_, ElementsAre(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace blixard::raft
