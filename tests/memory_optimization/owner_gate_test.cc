#include "memory_optimization/owner_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace blixard::memory {
namespace {

TEST(OwnerGateTest, OwnerGoesInAndOutAsLongAsNobodyShuts) {
  OwnerGate gate;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(gate.TryEnter());
    gate.Leave();
  }
}

TEST(OwnerGateTest, OwnerStaysOutsideUntilOpened) {
  OwnerGate gate;
  std::thread([&gate] { ASSERT_TRUE(gate.TryShut()); }).join();
  EXPECT_FALSE(gate.TryEnter());
  EXPECT_FALSE(gate.TryEnter());
  gate.Open();
  EXPECT_TRUE(gate.TryEnter());
  gate.Leave();
}

TEST(OwnerGateTest, ShuttingWaitsForTheOwnerToLeave) {
  OwnerGate gate;
  std::atomic<bool> shut = false;
  ASSERT_TRUE(gate.TryEnter());
  std::thread other([&] {
    EXPECT_TRUE(gate.TryShut());
    shut = true;
  });
  // However long we look, it cannot be shut while we are inside.
  for (int i = 0; i < 1000; ++i) ASSERT_FALSE(shut);
  gate.Leave();
  other.join();
  EXPECT_TRUE(shut);
}

// The plain counter is what ThreadSanitizer watches, and what would lose steps without exclusion.
TEST(OwnerGateTest, NobodyMeetsTheOwnerInside) {
  constexpr uint64_t kShuts = 2000;
  OwnerGate gate;
  uint64_t counter = 0;
  uint64_t by_owner = 0;
  std::atomic<bool> done = false;
  std::thread owner([&] {
    while (!done) {
      if (!gate.TryEnter()) {
        std::this_thread::yield();
        continue;
      }
      ++counter;
      ++by_owner;
      gate.Leave();
    }
  });
  for (uint64_t i = 0; i < kShuts; ++i) {
    ASSERT_TRUE(gate.TryShut());
    ++counter;
    gate.Open();
  }
  done = true;
  owner.join();
  EXPECT_EQ(counter, by_owner + kShuts);
}

}  // namespace
}  // namespace blixard::memory
