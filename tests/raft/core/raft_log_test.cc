#include "raft/core/raft_log.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "raft/core/split_mix.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

EntryId Id(uint64_t index, uint64_t term) { return {.term = Term{term}, .index = LogIndex{index}}; }

// Entry i has terms[i - 1].
RaftLog LogOf(const std::vector<uint64_t>& terms, uint64_t commit = 0) {
  std::vector<Entry> entries;
  for (uint64_t term : terms) entries.push_back(Command(Id(entries.size() + 1, term), "payload"));
  return RaftLog(
      {.base = {}, .entries = std::move(entries), .commit = LogIndex{commit}, .applied = {}});
}

TEST(RaftLogTest, EmptyLogHoldsThePlaceBeforeItsFirstEntry) {
  const RaftLog log = LogOf({});
  EXPECT_EQ(log.last_id(), Id(0, 0));
  EXPECT_TRUE(log.Holds(Id(0, 0)));
  EXPECT_FALSE(log.Holds(Id(1, 1)));
  EXPECT_FALSE(log.HasUnstable());
  EXPECT_FALSE(log.HasCommitted());
  EXPECT_DEATH(log.At(LogIndex{0}), "first_index");
  EXPECT_DEATH(log.At(LogIndex{1}), "size_");
}

TEST(RaftLogTest, HoldsByIndexAndTerm) {
  const RaftLog log = LogOf({1, 1, 3});
  EXPECT_TRUE(log.Holds(Id(3, 3)));
  EXPECT_FALSE(log.Holds(Id(3, 1)));
  EXPECT_FALSE(log.Holds(Id(4, 3)));
}

TEST(RaftLogTest, IsCoveredByALaterTermOrALongerLog) {
  const RaftLog log = LogOf({1, 1, 3});
  EXPECT_TRUE(log.IsCoveredBy(Id(3, 3)));
  EXPECT_TRUE(log.IsCoveredBy(Id(1, 4)));
  EXPECT_TRUE(log.IsCoveredBy(Id(4, 3)));
  EXPECT_FALSE(log.IsCoveredBy(Id(2, 3)));
  EXPECT_FALSE(log.IsCoveredBy(Id(9, 2)));
}

TEST(RaftLogTest, CountHeldStopsAtTheFirstConflict) {
  const RaftLog log = LogOf({1, 1, 3});
  EXPECT_EQ(log.CountHeld({Empty(Id(2, 1)), Empty(Id(3, 3))}), 2u);
  EXPECT_EQ(log.CountHeld({Empty(Id(2, 1)), Empty(Id(3, 4))}), 1u);
  EXPECT_EQ(log.CountHeld({Empty(Id(3, 3)), Empty(Id(4, 3))}), 1u);
  EXPECT_EQ(log.CountHeld({}), 0u);
}

TEST(RaftLogTest, FindHintIsTheLastPlaceThatCanAgree) {
  SplitMix random(7);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<uint64_t> terms;
    uint64_t term = 1;
    for (uint64_t i = random.Below(30); i > 0; --i) terms.push_back(term += random.Below(3));
    const RaftLog log = LogOf(terms);
    const EntryId asked = Id(random.Below(40), random.Below(20));
    uint64_t want = std::min<uint64_t>(asked.index.value, terms.size());
    while (want > 0 && terms[want - 1] > asked.term.value) --want;
    EXPECT_EQ(log.FindHint(asked), LogIndex{want}) << "trial " << trial;
  }
}

TEST(RaftLogTest, AppendLeavesNoHoleAndTermsDoNotGoBack) {
  RaftLog log = LogOf({1, 3});
  EXPECT_DEATH(log.Append(Empty(Id(4, 3))), "last_index");
  EXPECT_DEATH(log.Append(Empty(Id(2, 3))), "last_index");
  EXPECT_DEATH(log.Append(Empty(Id(3, 2))), "term");
  log.Append(Empty(Id(3, 3)));
  EXPECT_EQ(log.last_id(), Id(3, 3));
}

TEST(RaftLogTest, TruncationStopsAtTheCommit) {
  RaftLog log = LogOf({1, 1, 1, 1}, 2);
  EXPECT_DEATH(log.TruncateFrom(LogIndex{2}), "committed");
  EXPECT_DEATH(log.TruncateFrom(LogIndex{5}), "last_index");
  log.TruncateFrom(LogIndex{3});
  EXPECT_EQ(log.last_index(), LogIndex{2});
  EXPECT_EQ(log.stable_index(), LogIndex{2});
}

TEST(RaftLogTest, CommitNeedsTheEntryAndNeverGoesBack) {
  RaftLog log = LogOf({1, 1});
  log.CommitTo(LogIndex{2});
  log.CommitTo(LogIndex{1});
  EXPECT_EQ(log.commit_index(), LogIndex{2});
  EXPECT_DEATH(log.CommitTo(LogIndex{3}), "not here");
}

TEST(RaftLogTest, CopyRangeGoesByBytesButGivesAtLeastOne) {
  const RaftLog log = LogOf({1, 1, 1, 1});
  const size_t one = EntryBytes(log.At(LogIndex{1}));
  std::vector<Entry> out;
  EXPECT_EQ(log.CopyRange({LogIndex{2}, LogIndex{4}, 1}, out), one);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].index, LogIndex{2});
  out.clear();
  EXPECT_EQ(log.CopyRange({LogIndex{1}, LogIndex{4}, 3 * one}, out), 3 * one);
  EXPECT_EQ(out.size(), 3u);
  out.clear();
  EXPECT_EQ(log.CopyRange({LogIndex{1}, LogIndex{4}, 3 * one - 1}, out), 2 * one);
  out.clear();
  EXPECT_EQ(log.CopyRange({LogIndex{5}, LogIndex{4}, kNoLimit}, out), 0u);
}

TEST(RaftLogTest, PayloadBytesCountAfterAndUpTo) {
  const RaftLog log = LogOf({1, 1, 1});
  EXPECT_EQ(log.PayloadBytes({.after = LogIndex{0}, .to = LogIndex{3}}), 21u);
  EXPECT_EQ(log.PayloadBytes({.after = LogIndex{2}, .to = LogIndex{3}}), 7u);
  EXPECT_EQ(log.PayloadBytes({.after = LogIndex{3}, .to = LogIndex{3}}), 0u);
}

TEST(RaftLogTest, StableFollowsWhatWasTaken) {
  RaftLog log = LogOf({1});
  log.Append(Empty(Id(2, 1)));
  log.Append(Empty(Id(3, 1)));
  std::vector<Entry> taken;
  log.TakeUnstable(taken);
  ASSERT_EQ(taken.size(), 2u);
  log.Append(Empty(Id(4, 1)));  // after the take
  log.StableTo(LogIndex{3});
  EXPECT_EQ(log.stable_index(), LogIndex{3});
  EXPECT_TRUE(log.HasUnstable());
}

TEST(RaftLogTest, WhatWasTruncatedWhileItWasWrittenIsTakenAgain) {
  RaftLog log = LogOf({1});
  log.Append(Empty(Id(2, 1)));
  std::vector<Entry> taken;
  log.TakeUnstable(taken);
  EXPECT_FALSE(log.HasUnstable());
  log.TruncateFrom(LogIndex{2});
  log.Append(Empty(Id(2, 1)));  // its like
  EXPECT_TRUE(log.HasUnstable());
  EXPECT_EQ(log.stable_index(), LogIndex{1});
}

TEST(RaftLogTest, CompactionKeepsTheTermOfItsEnd) {
  RaftLog log = LogOf({1, 1, 2, 2}, 3);
  std::vector<Entry> out;
  log.TakeCommitted(kNoLimit, out);
  EXPECT_DEATH(log.CompactThrough(LogIndex{4}), "not applied");
  log.CompactThrough(LogIndex{3});
  log.CompactThrough(LogIndex{2});  // done already
  EXPECT_EQ(log.base(), Id(3, 2));
  EXPECT_EQ(log.first_index(), LogIndex{4});
  EXPECT_EQ(log.last_id(), Id(4, 2));
  EXPECT_EQ(log.TermAt(LogIndex{3}), Term{2});
  EXPECT_TRUE(log.Holds(Id(3, 2)));
  EXPECT_FALSE(log.Holds(Id(2, 1)));  // it was, but that is not known any more
  EXPECT_EQ(log.CountHeld({Empty(Id(2, 1)), Empty(Id(3, 2)), Empty(Id(4, 2))}), 3u);
  EXPECT_DEATH(log.TermAt(LogIndex{2}), "first_index");
}

TEST(RaftLogTest, HintsBelowTheBaseStayBelow) {
  RaftLog log = LogOf({1, 1, 3, 3}, 3);
  std::vector<Entry> out;
  log.TakeCommitted(kNoLimit, out);
  log.CompactThrough(LogIndex{3});
  EXPECT_EQ(log.FindHint(Id(2, 1)), LogIndex{2});
  EXPECT_EQ(log.FindHint(Id(9, 2)), LogIndex{2});  // another history already at the base
  EXPECT_EQ(log.FindHint(Id(3, 3)), LogIndex{3});
  EXPECT_EQ(log.FindHint(Id(9, 3)), LogIndex{4});
}

TEST(RaftLogTest, RestartDropsEverything) {
  RaftLog log = LogOf({1, 1, 1, 1}, 2);
  EXPECT_DEATH(log.Restart(Id(1, 1)), "committed");
  log.Restart(Id(3, 2));
  EXPECT_EQ(log.base(), Id(3, 2));
  EXPECT_EQ(log.last_id(), Id(3, 2));
  EXPECT_EQ(log.commit_index(), LogIndex{3});
  EXPECT_EQ(log.stable_index(), LogIndex{3});
  EXPECT_FALSE(log.HasUnstable());
  EXPECT_FALSE(log.HasCommitted());
  log.Append(Empty(Id(4, 2)));
  EXPECT_TRUE(log.HasUnstable());
}

TEST(RaftLogTest, CompactedChunksAreUsedAgain) {
  RaftLog log = LogOf({});
  std::vector<Entry> out;
  for (uint64_t index = 1; index <= 10 * kLogChunkEntries; ++index) {
    log.Append(Empty(Id(index, 1)));
    log.StableTo(LogIndex{index});
    log.CommitTo(LogIndex{index});
    out.clear();
    log.TakeCommitted(kNoLimit, out);
    ASSERT_EQ(out.size(), 1u);
    ASSERT_EQ(out[0].index, LogIndex{index});
    if (index % 700 == 0) log.CompactThrough(LogIndex{index - 100});
  }
  EXPECT_EQ(log.At(log.first_index()).index, log.first_index());
}

TEST(RaftLogTest, HandsOutWhatIsCommittedAndStableOnce) {
  RaftLog log = LogOf({1, 1}, 1);
  log.Append(Empty(Id(3, 1)));
  log.CommitTo(LogIndex{3});
  std::vector<Entry> out;
  log.TakeCommitted(1, out);
  ASSERT_EQ(out.size(), 1u);
  log.TakeCommitted(kNoLimit, out);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_FALSE(log.HasCommitted());  // entry 3 is not stable
  std::vector<Entry> taken;
  log.TakeUnstable(taken);
  log.StableTo(LogIndex{3});
  log.TakeCommitted(kNoLimit, out);
  ASSERT_EQ(out.size(), 3u);
  for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(out[i].index, LogIndex{i + 1});
}

TEST(RaftLogTest, CrossesChunksInBothDirections) {
  RaftLog log = LogOf({});
  const uint64_t last = 3 * kLogChunkEntries + 5;
  for (uint64_t index = 1; index <= last; ++index) log.Append(Command(Id(index, 1), "x"));
  const Entry* kept = &log.At(LogIndex{kLogChunkEntries});
  log.TruncateFrom(LogIndex{kLogChunkEntries + 1});
  EXPECT_EQ(log.last_index(), LogIndex{kLogChunkEntries});
  for (uint64_t index = kLogChunkEntries + 1; index <= last; ++index) {
    log.Append(Command(Id(index, 2), "y"));
  }
  EXPECT_EQ(&log.At(LogIndex{kLogChunkEntries}), kept);  // growing moves nothing
  EXPECT_EQ(log.At(LogIndex{last}).payload.view(), "y");
  EXPECT_EQ(log.TermAt(LogIndex{kLogChunkEntries}), Term{1});
  EXPECT_EQ(log.TermAt(LogIndex{kLogChunkEntries + 1}), Term{2});
}

TEST(RaftLogTest, TruncationGivesPayloadsBack) {
  memory::BufferPool pool(memory::BufferPoolOptions{.name = "raft_log_test"});
  {
    RaftLog log = LogOf({});
    for (uint64_t index = 1; index <= 10; ++index) {
      Entry entry = Empty(Id(index, 1));
      entry.type = EntryType::kCommand;
      entry.payload = *pool.AcquireCopy("payload");
      log.Append(std::move(entry));
    }
    EXPECT_EQ(pool.Stats().live, 10u);
    log.TruncateFrom(LogIndex{4});
    EXPECT_EQ(pool.Stats().live, 3u);
  }
  EXPECT_EQ(pool.Stats().live, 0u);
}

}  // namespace
}  // namespace blixard::raft
