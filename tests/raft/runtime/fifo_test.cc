#include "raft/runtime/fifo.h"

#include <gtest/gtest.h>

#include <memory>

namespace blixard::raft {
namespace {

TEST(FifoTest, KeepsOrderWhileItGrowsAndWraps) {
  Fifo<int> fifo;
  int pushed = 0;
  int popped = 0;
  // Pushes win slowly, so the ring wraps at many fill levels before each growth.
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 3; ++i) fifo.push_back(pushed++);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(fifo.pop_front(), popped++);
  }
  while (!fifo.empty()) EXPECT_EQ(fifo.pop_front(), popped++);
  EXPECT_EQ(popped, pushed);
}

TEST(FifoTest, MovesItsElements) {
  Fifo<std::unique_ptr<int>> fifo;
  for (int i = 0; i < 40; ++i) fifo.push_back(std::make_unique<int>(i));
  EXPECT_EQ(fifo.size(), 40u);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(*fifo.pop_front(), i);
}

TEST(FifoDeathTest, FrontOfAnEmptyOneIsABrokenInvariant) {
  Fifo<int> fifo;
  EXPECT_DEATH(fifo.pop_front(), "Check failed");
}

}  // namespace
}  // namespace blixard::raft
