#include "raft/core/outbox.h"

#include <gtest/gtest.h>

#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

TEST(OutboxTest, GivesFreshMessagesWithTheirOldCapacity) {
  Outbox outbox;
  Message& first = outbox.Add();
  first = From({.replica = 2, .term = 3}, MessageType::kAppend);
  first.reject = true;
  first.entries = CommandsOf(Term{1}, LogIndex{1}, LogIndex{20});
  outbox.Clear();
  EXPECT_TRUE(outbox.empty());
  const Message& again = outbox.Add();
  EXPECT_EQ(again.type, MessageType::kHeartbeat);
  EXPECT_FALSE(again.reject);
  EXPECT_EQ(again.term, Term{0});
  EXPECT_EQ(again.from, kNoReplica);
  EXPECT_TRUE(again.entries.empty());
  EXPECT_GE(again.entries.capacity(), 20u);
}

TEST(OutboxTest, KeepsOrder) {
  Outbox outbox;
  for (uint64_t term = 1; term <= 5; ++term) outbox.Add().term = Term{term};
  ASSERT_EQ(outbox.messages().size(), 5u);
  for (uint64_t i = 0; i < 5; ++i) EXPECT_EQ(outbox.messages()[i].term, Term{i + 1});
}

TEST(OutboxTest, ClearLetsGoOfPayloads) {
  memory::BufferPool pool(memory::BufferPoolOptions{.name = "outbox_test"});
  Outbox outbox;
  outbox.Add().entries.emplace_back().payload = *pool.AcquireCopy("payload");
  EXPECT_EQ(pool.Stats().live, 1u);
  outbox.Clear();
  EXPECT_EQ(pool.Stats().live, 0u);
}

}  // namespace
}  // namespace blixard::raft
