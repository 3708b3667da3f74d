// Heartbeats that a read waits for say so, and nobody else's do.
#include <gtest/gtest.h>

#include <vector>

#include "raft/core/message.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

// How many heartbeats are among them, and that all or none of them hurry.
size_t CountHeartbeats(const std::vector<Message>& messages, bool urgent) {
  size_t heartbeats = 0;
  for (const Message& message : messages) {
    if (message.type != MessageType::kHeartbeat) continue;
    ++heartbeats;
    EXPECT_EQ(message.urgent, urgent) << "to " << message.to;
  }
  return heartbeats;
}

Message ReplyOf(uint64_t replica, MessageType type) { return From({.replica = replica}, type); }

void LeadAndCommit(DrivenNode& node) {
  node.Lead();
  Message ack = ReplyOf(2, MessageType::kAppendReply);
  ack.log.index = LogIndex{1};
  node.Take(ack);
}

TEST(UrgentHeartbeatTest, TickedOnesMayWait) {
  DrivenNode node(3);
  LeadAndCommit(node);
  node->Tick();
  EXPECT_EQ(CountHeartbeats(node.Work(), /*urgent=*/false), 2u);
}

TEST(UrgentHeartbeatTest, TheRoundOfAReadMayNot) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->ReadIndex().ok());
  EXPECT_EQ(CountHeartbeats(node.Work(), /*urgent=*/true), 2u);
}

TEST(UrgentHeartbeatTest, NorAnyRoundUntilTheReadIsAnswered) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->ReadIndex().ok());
  node.Work();
  node->Tick();
  EXPECT_EQ(CountHeartbeats(node.Work(), /*urgent=*/true), 2u);
  node.Take(ReplyOf(2, MessageType::kHeartbeatReply));
  ASSERT_EQ(node.reads().size(), 1u);
  node->Tick();
  EXPECT_EQ(CountHeartbeats(node.Work(), /*urgent=*/false), 2u);
}

TEST(UrgentHeartbeatTest, TheAnswerHurriesAsItsQuestionDid) {
  DrivenNode node(3);
  for (const bool urgent : {true, false}) {
    Message heartbeat = From({.replica = 2, .term = 3}, MessageType::kHeartbeat);
    heartbeat.urgent = urgent;
    const std::vector<Message> sent = node.Take(heartbeat);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].type, MessageType::kHeartbeatReply);
    EXPECT_EQ(sent[0].urgent, urgent);
  }
}

}  // namespace
}  // namespace blixard::raft
