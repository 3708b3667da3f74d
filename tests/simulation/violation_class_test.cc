#include "tests/simulation/violation_class.h"

#include <gtest/gtest.h>

namespace blixard::raft {
namespace {

TEST(ViolationClassTest, NumbersAndWhatTheRunWasLikeDoNotMatter) {
  EXPECT_EQ(ViolationClass("two leaders of one term (replica 1, index 7)"),
            ViolationClass("two leaders of one term (replica 3, index 12)"));
  EXPECT_EQ(ViolationClass("not converged 30 s after the last fault: a client waits"),
            ViolationClass("not converged 30 s after the last fault: replica 2 lags"));
  EXPECT_EQ(ViolationClass("client 1 was told of request 4, which was never carried out"),
            ViolationClass("client 3 was told of request 40, which was never carried out"));
  EXPECT_EQ(ViolationClass("died of signal 6: Check failed: a == b (1 vs. 2) x"),
            ViolationClass("died of signal 6: Check failed: a == b (7 vs. 9) y"));
}

TEST(ViolationClassTest, OtherFailuresAreOfOtherClasses) {
  EXPECT_NE(ViolationClass("two leaders of one term (replica 1, index 7)"),
            ViolationClass("a committed entry changes (replica 1, index 7)"));
  EXPECT_NE(ViolationClass("died of signal 6: Check failed: a == b (1 vs. 2)"),
            ViolationClass("died of signal 6: Check failed: a == c (1 vs. 2)"));
  EXPECT_NE(ViolationClass("died of signal 6: Check failed: a"),
            ViolationClass("died of signal 6"));
  EXPECT_NE(ViolationClass("not converged 30 s after the last fault: a"), ViolationClass(""));
}

}  // namespace
}  // namespace blixard::raft
