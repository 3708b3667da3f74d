#include "tests/simulation/event_queue.h"

#include <gtest/gtest.h>

#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

TEST(EventQueueTest, EqualTimesKeepTheOrderOfPushing) {
  EventQueue queue;
  for (uint32_t i = 0; i < 100; ++i) queue.Push({.time = 5, .a = i});
  for (uint32_t i = 0; i < 100; ++i) EXPECT_EQ(queue.Pop().a, i);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueueTest, TimeNeverGoesBack) {
  SplitMix random(1);
  EventQueue queue;
  for (int i = 0; i < 1000; ++i) queue.Push({.time = static_cast<VirtualTime>(random.Below(50))});
  Event last = queue.Pop();
  while (!queue.empty()) {
    const Event next = queue.Pop();
    EXPECT_TRUE(next.time > last.time || (next.time == last.time && next.order > last.order));
    last = next;
  }
}

TEST(EventQueueDeathTest, NothingComesOutOfAnEmptyOne) {
  EventQueue queue;
  EXPECT_DEATH(queue.Pop(), "empty");
}

}  // namespace
}  // namespace blixard::raft
