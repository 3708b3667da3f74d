#include "raft/core/raft_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/entry.h"
#include "raft/core/log_chunks.h"
#include "raft/core/split_mix.h"
#include "raft/core/types.h"
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

// Copies of what is handed out, which is looked at no longer.
std::vector<Entry> TakeUnstable(RaftLog& log) {
  std::vector<Entry> room;
  const absl::Span<const Entry> taken = log.TakeUnstable(room);
  const std::vector<Entry> copies(taken.begin(), taken.end());
  log.EndViews();
  return copies;
}
std::vector<Entry> TakeCommitted(RaftLog& log, size_t max_bytes = kNoLimit) {
  std::vector<Entry> room;
  const absl::Span<const Entry> taken = log.TakeCommitted(max_bytes, room).entries;
  const std::vector<Entry> copies(taken.begin(), taken.end());
  log.EndViews();
  return copies;
}

TEST(RaftLogTest, EmptyLogHoldsThePlaceBeforeItsFirstEntry) {
  const RaftLog log = LogOf({});
  EXPECT_EQ(log.last_id(), Id(0, 0));
  EXPECT_TRUE(log.Holds(Id(0, 0)));
  EXPECT_FALSE(log.Holds(Id(1, 1)));
  EXPECT_FALSE(log.HasUnstable());
  EXPECT_FALSE(log.HasCommitted());
  EXPECT_DEATH(log.At(LogIndex{0}), "first_index");
  EXPECT_DEATH(log.At(LogIndex{1}), "last_index");
}

TEST(RaftLogTest, HoldsByIndexAndTerm) {
  const RaftLog log = LogOf({1, 1, 3});
  EXPECT_TRUE(log.Holds(Id(3, 3)));
  EXPECT_FALSE(log.Holds(Id(3, 1)));
  EXPECT_FALSE(log.Holds(Id(4, 3)));
}

TEST(RaftLogTest, WhatIsNotHandedOutIsWeighed) {
  const size_t weight = EntryBytes(Command(Id(1, 1), "payload"));
  RaftLog log = LogOf({1, 1, 3, 3, 3}, 3);
  EXPECT_EQ(log.waiting_bytes(), 5 * weight);
  EXPECT_EQ(TakeCommitted(log, weight).size(), 1u);
  EXPECT_EQ(log.waiting_bytes(), 4 * weight);
  log.CompactThrough(LogIndex{1});
  EXPECT_EQ(log.waiting_bytes(), 4 * weight);
  log.TruncateFrom(LogIndex{4});
  EXPECT_EQ(log.waiting_bytes(), 2 * weight);
  log.Append(Command(Id(4, 4), "payload"));
  EXPECT_EQ(log.waiting_bytes(), 3 * weight);
  log.Restart(Id(9, 4));
  EXPECT_EQ(log.waiting_bytes(), 0u);
}

TEST(RaftLogTest, AppliedEntriesThatAreRestoredDoNotWait) {
  std::vector<Entry> entries;
  for (uint64_t index = 1; index <= 3; ++index) entries.push_back(Command(Id(index, 1), "payload"));
  const RaftLog log({.base = {}, .entries = entries, .commit = {3}, .applied = {2}});
  EXPECT_EQ(log.waiting_bytes(), EntryBytes(entries[0]));
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
  ASSERT_EQ(TakeUnstable(log).size(), 2u);
  log.Append(Empty(Id(4, 1)));  // after the take
  log.StableTo(LogIndex{3});
  EXPECT_EQ(log.stable_index(), LogIndex{3});
  EXPECT_TRUE(log.HasUnstable());
}

TEST(RaftLogTest, WhatWasTruncatedWhileItWasWrittenIsTakenAgain) {
  RaftLog log = LogOf({1});
  log.Append(Empty(Id(2, 1)));
  ASSERT_EQ(TakeUnstable(log).size(), 1u);
  EXPECT_FALSE(log.HasUnstable());
  log.TruncateFrom(LogIndex{2});
  log.Append(Empty(Id(2, 1)));  // its like
  EXPECT_TRUE(log.HasUnstable());
  EXPECT_EQ(log.stable_index(), LogIndex{1});
}

TEST(RaftLogTest, CompactionKeepsTheTermOfItsEnd) {
  RaftLog log = LogOf({1, 1, 2, 2}, 3);
  TakeCommitted(log);
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
  TakeCommitted(log);
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
  for (uint64_t index = 1; index <= 10 * kLogChunkEntries; ++index) {
    log.Append(Empty(Id(index, 1)));
    log.StableTo(LogIndex{index});
    log.CommitTo(LogIndex{index});
    const std::vector<Entry> out = TakeCommitted(log);
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
  std::vector<Entry> out = TakeCommitted(log, 1);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].index, LogIndex{1});
  out = TakeCommitted(log);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].index, LogIndex{2});
  EXPECT_FALSE(log.HasCommitted());  // entry 3 is not stable
  TakeUnstable(log);
  log.StableTo(LogIndex{3});
  out = TakeCommitted(log);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].index, LogIndex{3});
}

TEST(RaftLogTest, SaysWhatItHandsOutForApplying) {
  RaftLog log = LogOf({1, 1, 1}, 3);
  Entry change = Command(Id(4, 1), "change");
  change.type = EntryType::kConfiguration;
  log.Append(std::move(change));
  log.Append(Empty(Id(5, 1)));
  log.StableTo(LogIndex{5});
  std::vector<Entry> room;
  const size_t of_one = EntryBytes(log.At(LogIndex{1}));
  RaftLog::Taken taken = log.TakeCommitted(3 * of_one - 1, room);  // one byte short of three
  EXPECT_EQ(taken.entries.size(), 2u);
  EXPECT_EQ(taken.bytes, 2 * of_one);
  EXPECT_EQ(taken.configuration, LogIndex{0});
  log.EndViews();
  log.CommitTo(LogIndex{5});
  taken = log.TakeCommitted(kNoLimit, room);
  EXPECT_EQ(taken.entries.size(), 3u);
  EXPECT_EQ(taken.configuration, LogIndex{4});
  EXPECT_TRUE(room.empty());  // they stand side by side
}

TEST(RaftLogTest, WhatStandsInTwoChunksIsCopied) {
  RaftLog log = LogOf({});
  const uint64_t last = kLogChunkEntries + 3;
  for (uint64_t index = 1; index <= last; ++index) log.Append(Command(Id(index, 1), "x"));
  std::vector<Entry> room;
  const absl::Span<const Entry> taken = log.TakeUnstable(room);
  EXPECT_EQ(room.size(), last);
  ASSERT_EQ(taken.size(), last);
  for (uint64_t i = 0; i < last; ++i) ASSERT_EQ(taken[i].index, LogIndex{i + 1});
}

// The same as a copy made when it was handed out.
struct Looked {
  explicit Looked(absl::Span<const Entry> handed_out)
      : entries(handed_out), copies(handed_out.begin(), handed_out.end()) {}
  bool IsAsItWas() const {
    return std::equal(
        entries.begin(), entries.end(), copies.begin(), copies.end(),
        [](const Entry& a, const Entry& b) { return a.id() == b.id() && a.payload == b.payload; });
  }
  absl::Span<const Entry> entries;
  std::vector<Entry> copies;
};

TEST(RaftLogTest, WhatIsHandedOutStaysAsItIsWhateverIsTruncated) {
  RaftLog log = LogOf({1, 1}, 2);
  for (uint64_t index = 3; index <= 6; ++index) log.Append(Command(Id(index, 1), "old"));
  std::vector<Entry> room;
  const Looked applying(log.TakeCommitted(kNoLimit, room).entries);
  const Looked storing(log.TakeUnstable(room));
  ASSERT_EQ(storing.entries.size(), 4u);
  for (uint64_t term = 2; term <= 4; ++term) {  // the second and third cut what nobody looks at
    log.TruncateFrom(LogIndex{4});
    for (uint64_t index = 4; index <= 6; ++index) log.Append(Command(Id(index, term), "new"));
    EXPECT_TRUE(storing.IsAsItWas()) << "term " << term;
    EXPECT_TRUE(applying.IsAsItWas()) << "term " << term;
  }
  EXPECT_EQ(log.At(LogIndex{3}).payload.view(), "old");
  EXPECT_EQ(log.At(LogIndex{6}).id(), Id(6, 4));
  log.EndViews();
  EXPECT_EQ(log.At(LogIndex{3}).payload.view(), "old");
  EXPECT_EQ(TakeUnstable(log).size(), 3u);
}

TEST(RaftLogTest, WhatIsHandedOutStaysAsItIsWhenTheLogIsRestarted) {
  RaftLog log = LogOf({1, 1}, 2);
  for (uint64_t index = 3; index <= 6; ++index) log.Append(Command(Id(index, 1), "old"));
  std::vector<Entry> room;
  const Looked applying(log.TakeCommitted(kNoLimit, room).entries);
  const Looked storing(log.TakeUnstable(room));
  log.Restart(Id(9, 2));
  for (uint64_t index = 10; index <= 20; ++index) log.Append(Command(Id(index, 3), "new"));
  EXPECT_TRUE(applying.IsAsItWas());
  EXPECT_TRUE(storing.IsAsItWas());
}

TEST(RaftLogTest, WhatIsHandedOutKeepsItsPayloadsUntilNobodyLooks) {
  memory::BufferPool pool(memory::BufferPoolOptions{.name = "raft_log_test"});
  {
    RaftLog log = LogOf({});
    for (uint64_t index = 1; index <= 10; ++index) {
      Entry entry = Empty(Id(index, 1));
      entry.type = EntryType::kCommand;
      entry.payload = *pool.AcquireCopy("payload");
      log.Append(std::move(entry));
    }
    std::vector<Entry> room;
    log.TakeUnstable(room);
    log.TruncateFrom(LogIndex{4});
    EXPECT_EQ(pool.Stats().live, 10u);
    log.EndViews();
    EXPECT_EQ(pool.Stats().live, 3u);
  }
  EXPECT_EQ(pool.Stats().live, 0u);
}

// Does to `log` what may happen between two batches; `stored` is the end of what is being stored.
void ChangeAtRandom(SplitMix& random, RaftLog& log, LogIndex compactable, LogIndex& stored) {
  const Term term = log.last_id().term;
  switch (random.Below(8)) {
    case 0: {
      if (log.last_index() == log.commit_index()) return;
      const uint64_t uncommitted = log.last_index() - log.commit_index();
      const LogIndex from = log.commit_index() + 1 + random.Below(uncommitted);
      log.TruncateFrom(from);
      stored = std::min(stored, from - 1);
      return log.Append(Empty(Id(from.value, term.value + 1)));
    }
    case 1:
      if (random.Below(10) != 0) return;
      stored = LogIndex{0};
      return log.Restart({.term = term, .index = log.last_index() + random.Below(3)});
    case 2:
      return log.CompactThrough(compactable);
    default:
      for (uint64_t i = random.Below(kLogChunkEntries / 2); i > 0; --i) {
        log.Append(Command(Id(log.last_index().value + 1, term.value), "payload"));
      }
  }
}

TEST(RaftLogTest, WhatIsHandedOutStaysAsItIsInRandomHistories) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    RaftLog log = LogOf({1});
    std::vector<Entry> room;
    for (int batch = 0; batch < 100; ++batch) {
      const LogIndex compactable = log.handed_out_index();
      room.clear();
      room.reserve(8 * kLogChunkEntries);  // spans into it must not move
      const Looked applying(log.TakeCommitted(random.Below(1 << 16), room).entries);
      const Looked storing(log.TakeUnstable(room));
      LogIndex stored = log.last_index();
      for (uint64_t i = random.Below(4); i > 0; --i) {
        ChangeAtRandom(random, log, compactable, stored);
        ASSERT_TRUE(applying.IsAsItWas());
        ASSERT_TRUE(storing.IsAsItWas());
      }
      log.EndViews();
      log.StableTo(stored);
      log.CommitTo(log.commit_index() + random.Below(1 + (log.last_index() - log.commit_index())));
    }
  }
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
