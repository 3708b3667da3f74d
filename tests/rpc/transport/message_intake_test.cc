// What a peer sent is handed over message by message; without memory for one the receiver is told.
#include "rpc/transport/message_intake.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/replica.h"

namespace blixard::rpc {
namespace {

class Counting : public raft::MessageReceiver {
 public:
  absl::Status CheckAddress(const raft::Message&) const override { return absl::OkStatus(); }
  void Receive(memory::Pooled<raft::Message>) override { ++received; }
  void Deliver(memory::Pooled<raft::Message>) override { ++delivered; }
  void CarryOut() override { ++carried_out; }
  void ReceiveFrame(absl::string_view) override {}
  void ReportDropped() override { ++dropped; }
  void ReportUnreachable(raft::ReplicaId) override {}

  int received = 0;
  int delivered = 0;
  int carried_out = 0;
  int dropped = 0;
};

std::string TwoMessages() {
  std::string bytes;
  for (int i = 0; i < 2; ++i) raft::EncodeMessage(raft::Message{}, bytes);
  return bytes;
}

TEST(MessageIntakeTest, EveryMessageIsHandedOver) {
  Counting replica;
  EXPECT_TRUE(MessageIntake(replica, MessageIntake::Thread::kLent).Take(TwoMessages()).ok());
  EXPECT_EQ(replica.delivered, 2);
  EXPECT_EQ(replica.carried_out, 1);
  EXPECT_TRUE(MessageIntake(replica, MessageIntake::Thread::kNotLent).Take(TwoMessages()).ok());
  EXPECT_EQ(replica.received, 2);
  EXPECT_EQ(replica.carried_out, 1);
  EXPECT_EQ(replica.dropped, 0);
}

TEST(MessageIntakeTest, ReceiverIsToldWhenNoMessageIsLeft) {
  Counting replica;
  MessageIntake intake(replica, MessageIntake::Thread::kNotLent);
  std::vector<memory::Pooled<raft::Message>> all;
  while (memory::Pooled<raft::Message> one = raft::AcquireMessage()) all.push_back(std::move(one));
  EXPECT_TRUE(intake.Take(TwoMessages()).ok()) << "the connection is in order";
  EXPECT_EQ(replica.received, 0);
  EXPECT_EQ(replica.dropped, 1);
  all.clear();
  EXPECT_TRUE(intake.Take(TwoMessages()).ok());
  EXPECT_EQ(replica.received, 2);
  EXPECT_EQ(replica.dropped, 1);
}

}  // namespace
}  // namespace blixard::rpc
