#include "raft/runtime/read_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

class Answers : public ReadListener {
 public:
  struct Answer {
    ReadEnd end;
    LogIndex index;
  };
  void OnReadEnd(uint64_t token, ReadEnd end, LogIndex index) override {
    EXPECT_TRUE(by_token.emplace(token, Answer{end, index}).second) << token << " ended twice";
  }
  std::map<uint64_t, Answer> by_token;
};

class ReadQueueTest : public ::testing::Test {
 protected:
  void Take(const std::vector<uint64_t>& tokens) {
    std::vector<ReadRequest> reads;
    for (uint64_t token : tokens) reads.push_back({.listener = &answers_, .token = token});
    queue_.Take(reads);
    EXPECT_TRUE(reads.empty());
  }
  bool Ended(uint64_t token) const { return answers_.by_token.contains(token); }
  ReadEnd EndOf(uint64_t token) const { return answers_.by_token.at(token).end; }

  ReadQueue queue_{/*patience_ticks=*/3};
  Answers answers_;
};

TEST_F(ReadQueueTest, OneRoundConfirmsEveryReadThatWaited) {
  Take({1, 2, 3});
  EXPECT_FALSE(queue_.wants_reads());
  ASSERT_TRUE(queue_.wants_round());
  queue_.BeginRound(70);
  EXPECT_TRUE(queue_.wants_reads());
  EXPECT_FALSE(queue_.wants_round());
  queue_.Confirm(70, LogIndex{5});
  queue_.AnswerUpTo(LogIndex{4});
  EXPECT_TRUE(answers_.by_token.empty()) << "the state machine is not there yet";
  queue_.AnswerUpTo(LogIndex{6});
  for (uint64_t token : {1, 2, 3}) {
    EXPECT_EQ(EndOf(token), ReadEnd::kReady);
    EXPECT_EQ(answers_.by_token.at(token).index, LogIndex{5});
  }
  EXPECT_EQ(queue_.size(), 0u);
}

// S9: a read that came after the round began may not be answered by it.
TEST_F(ReadQueueTest, LaterReadsNeedARoundOfTheirOwn) {
  Take({1});
  queue_.BeginRound(70);
  Take({2});
  queue_.BeginRound(71);
  queue_.Confirm(70, LogIndex{5});
  queue_.AnswerUpTo(LogIndex{9});
  EXPECT_TRUE(Ended(1));
  EXPECT_FALSE(Ended(2));
  queue_.Confirm(71, LogIndex{8});
  queue_.AnswerUpTo(LogIndex{9});
  EXPECT_EQ(EndOf(2), ReadEnd::kReady);
}

TEST_F(ReadQueueTest, RefusedRoundEndsItsReadsOnly) {
  Take({1});
  queue_.BeginRound(70);
  Take({2});
  queue_.BeginRound(71);
  queue_.Refuse(70);
  EXPECT_EQ(EndOf(1), ReadEnd::kRefused);
  EXPECT_FALSE(Ended(2));
  queue_.Confirm(70, LogIndex{1});  // too late, and harmless
  queue_.AnswerUpTo(LogIndex{9});
  EXPECT_FALSE(Ended(2));
}

TEST_F(ReadQueueTest, SilentRoundIsGivenUpConfirmedOneIsNot) {
  Take({1});
  queue_.BeginRound(70);
  Take({2});
  queue_.BeginRound(71);
  queue_.Confirm(71, LogIndex{5});
  queue_.Tick();
  queue_.Tick();
  EXPECT_FALSE(Ended(1));
  queue_.Tick();
  EXPECT_EQ(EndOf(1), ReadEnd::kRefused);
  EXPECT_FALSE(Ended(2));
}

TEST_F(ReadQueueTest, NoLeaderRefusesWhatWaits) {
  Take({1});
  queue_.RefuseArrived();
  EXPECT_EQ(EndOf(1), ReadEnd::kRefused);
  EXPECT_TRUE(queue_.wants_reads());
}

TEST_F(ReadQueueTest, EveryReadEndsOnceWhateverHappens) {
  const uint64_t seed = ::testing::UnitTest::GetInstance()->random_seed() + 1;
  SCOPED_TRACE(seed);
  SplitMix random(seed);
  uint64_t token = 0;
  uint64_t round = 0;
  for (int step = 0; step < 20'000; ++step) {
    switch (random.Below(6)) {
      case 0:
        if (queue_.wants_reads()) Take({++token, ++token});
        break;
      case 1:
        if (queue_.wants_round()) queue_.BeginRound(++round);
        break;
      case 2:
        queue_.Confirm(random.Below(round + 2), LogIndex{random.Below(50)});
        break;
      case 3:
        queue_.Refuse(random.Below(round + 2));
        break;
      case 4:
        queue_.AnswerUpTo(LogIndex{random.Below(50)});
        break;
      default:
        queue_.Tick();
    }
    ASSERT_EQ(answers_.by_token.size() + queue_.size(), token);
  }
  queue_.RefuseAll();
  EXPECT_EQ(answers_.by_token.size(), token);
}

}  // namespace
}  // namespace blixard::raft
