#include "raft/core/inflights.h"

#include <gtest/gtest.h>

namespace blixard::raft {
namespace {

TEST(InflightsTest, IsFullByMessages) {
  Inflights window({.max_messages = 2, .max_bytes = 1000});
  window.Add(LogIndex{1}, 10);
  EXPECT_FALSE(window.Full());
  window.Add(LogIndex{5}, 10);
  EXPECT_TRUE(window.Full());
  EXPECT_DEATH(window.Add(LogIndex{6}, 10), "2 messages, 20 bytes");
}

TEST(InflightsTest, IsFullByBytes) {
  Inflights window({.max_messages = 9, .max_bytes = 100});
  window.Add(LogIndex{1}, 99);
  EXPECT_FALSE(window.Full());
  window.Add(LogIndex{2}, 500);  // one may reach over
  EXPECT_TRUE(window.Full());
  window.FreeUpTo(LogIndex{1});
  EXPECT_TRUE(window.Full());
  window.FreeUpTo(LogIndex{2});
  EXPECT_FALSE(window.Full());
  EXPECT_EQ(window.bytes(), 0u);
}

TEST(InflightsTest, FreesWhatEndsAtOrBeforeTheAcknowledgement) {
  Inflights window({.max_messages = 3, .max_bytes = 1000});
  for (uint64_t last : {3, 6, 9}) window.Add(LogIndex{last}, 10);
  window.FreeUpTo(LogIndex{2});
  EXPECT_EQ(window.count(), 3u);
  window.FreeUpTo(LogIndex{7});
  EXPECT_EQ(window.count(), 1u);
  EXPECT_EQ(window.bytes(), 10u);
  window.FreeUpTo(LogIndex{7});  // said twice
  EXPECT_EQ(window.count(), 1u);
}

TEST(InflightsTest, GoesRoundForEver) {
  Inflights window({.max_messages = 3, .max_bytes = 1000});
  for (uint64_t index = 1; index <= 100; ++index) {
    window.Add(LogIndex{index}, index);
    if (index >= 3) window.FreeUpTo(LogIndex{index - 2});
  }
  EXPECT_EQ(window.count(), 2u);
  EXPECT_EQ(window.bytes(), 99u + 100u);
  window.Clear();
  EXPECT_EQ(window.count(), 0u);
  window.Add(LogIndex{1}, 1);
  EXPECT_EQ(window.bytes(), 1u);
}

TEST(InflightsTest, AppendsMustAscend) {
  Inflights window({.max_messages = 3, .max_bytes = 1000});
  window.Add(LogIndex{5}, 1);
  EXPECT_DEATH(window.Add(LogIndex{5}, 1), "last");
}

}  // namespace
}  // namespace blixard::raft
