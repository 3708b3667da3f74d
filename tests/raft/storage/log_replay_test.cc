#include "raft/storage/log_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "memory_optimization/buffer_pool.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

class LogReplayTest : public ::testing::Test {
 protected:
  absl::Status Put(EntryId id, absl::string_view payload = "payload") {
    return replay_.Apply({.header = {.type = FrameType::kEntry,
                                     .entry_type = static_cast<uint8_t>(EntryType::kCommand),
                                     .term = id.term,
                                     .index = id.index},
                          .payload = payload});
  }

  absl::Status Put(const HardState& state) {
    std::string bytes(kHardStateFrameBytes, '\0');
    EncodeHardStateFrame(state, {.sequence = 1}, bytes.data());
    const absl::StatusOr<Frame> frame = DecodeFrame(bytes, {.sequence = 1});
    return replay_.Apply(*frame);
  }

  absl::Status PutBase(EntryId base) {
    std::string bytes(FrameBytes(0), '\0');
    EncodeBaseFrame(base, {.sequence = 1}, bytes.data());
    return replay_.Apply(*DecodeFrame(bytes, {.sequence = 1}));
  }

  absl::Status PutSnapshot(EntryId last, const HardState& state) {
    std::string bytes(kHardStateFrameBytes, '\0');
    EncodeSnapshotFrame(last, state, {.sequence = 1}, bytes.data());
    return replay_.Apply(*DecodeFrame(bytes, {.sequence = 1}));
  }

  LogReplay replay_{memory::BufferPool::Default()};
};

TEST_F(LogReplayTest, KeepsEntriesAndTheLastHardState) {
  EXPECT_THAT(Put({.term = {1}, .index = {1}}, "a"), IsOk());
  EXPECT_THAT(Put({.term = {2}, .index = {2}}, "b"), IsOk());
  EXPECT_THAT(Put({.term = {2}, .vote = ReplicaId{3}, .commit = {1}}), IsOk());
  EXPECT_EQ(replay_.last(), (EntryId{.term = {2}, .index = {2}}));
  const RecoveredLog log = replay_.TakeLog();
  ASSERT_EQ(log.entries.size(), 2u);
  EXPECT_EQ(log.entries[1].payload.view(), "b");
  EXPECT_EQ(log.entries[1].type, EntryType::kCommand);
  EXPECT_EQ(log.hard_state, (HardState{.term = {2}, .vote = ReplicaId{3}, .commit = {1}}));
}

TEST_F(LogReplayTest, LaterEntryReplacesTheSuffix) {
  EXPECT_THAT(Put({.term = {1}, .index = {1}}), IsOk());
  EXPECT_THAT(Put({.term = {1}, .index = {2}}), IsOk());
  EXPECT_THAT(Put({.term = {1}, .index = {3}}), IsOk());
  EXPECT_THAT(Put({.term = {2}, .index = {2}}, "new"), IsOk());
  const RecoveredLog log = replay_.TakeLog();
  ASSERT_EQ(log.entries.size(), 2u);
  EXPECT_EQ(log.entries[1].payload.view(), "new");
}

TEST_F(LogReplayTest, EntryBehindAGapIsRefused) {
  EXPECT_THAT(Put({.term = {1}, .index = {2}}),
              StatusIs(absl::StatusCode::kDataLoss, "index of entry: want 1 to 1, got 2"));
  EXPECT_THAT(Put({.term = {1}, .index = {0}}),
              StatusIs(absl::StatusCode::kDataLoss, "index of entry: want 1 to 1, got 0"));
}

TEST_F(LogReplayTest, CommittedEntryIsNotReplaced) {
  EXPECT_THAT(Put({.term = {1}, .index = {1}}), IsOk());
  EXPECT_THAT(Put({.term = {1}, .commit = {1}}), IsOk());
  EXPECT_THAT(Put({.term = {2}, .index = {1}}),
              StatusIs(absl::StatusCode::kDataLoss, "index of entry: want 2 to 2, got 1"));
}

TEST_F(LogReplayTest, TermsOfEntriesDoNotGoBack) {
  EXPECT_THAT(Put({.term = {5}, .index = {1}}), IsOk());
  EXPECT_THAT(Put({.term = {4}, .index = {2}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want at least 5, got 4")));
  EXPECT_THAT(Put({.term = {4}, .index = {1}}), IsOk()) << "it has no entry before it";
}

TEST_F(LogReplayTest, CommitBeyondTheLogIsRefused) {
  EXPECT_THAT(Put({.term = {1}, .index = {1}}), IsOk());
  EXPECT_THAT(Put({.term = {1}, .commit = {2}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("commit of hard state")));
}

TEST_F(LogReplayTest, HardStateDoesNotGoBack) {
  EXPECT_THAT(Put({.term = {1}, .index = {1}}), IsOk());
  EXPECT_THAT(Put({.term = {5}, .vote = ReplicaId{2}, .commit = {1}}), IsOk());
  EXPECT_THAT(Put({.term = {4}, .vote = ReplicaId{2}, .commit = {1}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("term of hard state")));
  EXPECT_THAT(Put({.term = {5}, .vote = ReplicaId{2}, .commit = {0}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("commit of hard state")));
  EXPECT_THAT(Put({.term = {5}, .vote = ReplicaId{3}, .commit = {1}}),
              StatusIs(absl::StatusCode::kDataLoss, "vote in term 5: want 2, got 3"));
  EXPECT_THAT(Put({.term = {6}, .vote = ReplicaId{3}, .commit = {1}}), IsOk());
}

TEST_F(LogReplayTest, BaseDropsWhatIsBeforeIt) {
  for (uint64_t i = 1; i <= 4; ++i) EXPECT_THAT(Put({.term = {1}, .index = {i}}), IsOk());
  EXPECT_THAT(PutBase({.term = {1}, .index = {1}}),
              StatusIs(absl::StatusCode::kDataLoss, "index of base: want 0 to 0, got 1"));
  EXPECT_THAT(Put({.term = {1}, .commit = {3}}), IsOk());
  EXPECT_THAT(PutBase({.term = {2}, .index = {3}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("term of base 3: want 1")));
  EXPECT_THAT(PutBase({.term = {1}, .index = {3}}), IsOk());
  EXPECT_THAT(PutBase({.term = {1}, .index = {2}}),
              StatusIs(absl::StatusCode::kDataLoss, "index of base: want 3 to 3, got 2"));
  EXPECT_THAT(Put({.term = {1}, .index = {5}}), IsOk());
  EXPECT_THAT(replay_.CheckWhole(), IsOk());
  const RecoveredLog log = replay_.TakeLog();
  EXPECT_EQ(log.base, (EntryId{.term = {1}, .index = {3}}));
  ASSERT_EQ(log.entries.size(), 2u);
  EXPECT_EQ(log.entries[0].index, LogIndex{4});
}

TEST_F(LogReplayTest, SnapshotReplacesTheWholeLog) {
  for (uint64_t i = 1; i <= 9; ++i) EXPECT_THAT(Put({.term = {1}, .index = {i}}), IsOk());
  EXPECT_THAT(Put({.term = {1}, .commit = {4}}), IsOk());
  EXPECT_THAT(PutSnapshot({.term = {2}, .index = {6}}, {.term = {3}, .commit = {5}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("commit at snapshot: want")));
  EXPECT_THAT(PutSnapshot({.term = {2}, .index = {3}}, {.term = {3}, .commit = {3}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("commit of hard state")));
  EXPECT_THAT(PutSnapshot({.term = {2}, .index = {6}}, {.term = {3}, .commit = {6}}), IsOk());
  EXPECT_EQ(replay_.last(), (EntryId{.term = {2}, .index = {6}}));
  EXPECT_THAT(Put({.term = {3}, .index = {7}}, "behind"), IsOk());
  const RecoveredLog log = replay_.TakeLog();
  EXPECT_EQ(log.base, (EntryId{.term = {2}, .index = {6}}));
  EXPECT_EQ(log.hard_state, (HardState{.term = {3}, .commit = {6}}));
  ASSERT_EQ(log.entries.size(), 1u);
}

TEST_F(LogReplayTest, MissingEntriesAreFineOnceABaseCoversThem) {
  replay_.Begin({.base = {.term = {1}, .index = {2}},
                 .last = {.term = {3}, .index = {10}},
                 .hard_state = {.term = {3}, .commit = {2}}});
  EXPECT_THAT(replay_.CheckWhole(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want entries 3 to 10")));
  EXPECT_THAT(Put({.term = {3}, .index = {11}}), IsOk());
  EXPECT_THAT(Put({.term = {3}, .commit = {11}}), IsOk());
  EXPECT_THAT(PutBase({.term = {3}, .index = {9}}), IsOk());
  EXPECT_THAT(replay_.CheckWhole(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want entries 10 to 10")));
  EXPECT_THAT(PutBase({.term = {3}, .index = {10}}), IsOk());
  EXPECT_THAT(replay_.CheckWhole(), IsOk());
  EXPECT_EQ(replay_.TakeLog().entries.size(), 1u);
}

// Among the missing ones nobody sees the term of the base; those that follow bound it.
TEST_F(LogReplayTest, BaseOfALaterTermThanWhatFollowsIsRefused) {
  replay_.Begin({.base = {},
                 .last = {.term = {3}, .index = {8}},
                 .hard_state = {.term = {4}, .commit = {8}}});
  EXPECT_THAT(Put({.term = {3}, .index = {9}}), IsOk());
  EXPECT_THAT(
      PutBase({.term = {4}, .index = {7}}),
      StatusIs(absl::StatusCode::kDataLoss, "term of base 7: want at most 3 of entry 9, got 4"));
  EXPECT_THAT(PutBase({.term = {3}, .index = {7}}), IsOk());
}

TEST_F(LogReplayTest, MissingEntriesAreFineOnceTheyAreReplaced) {
  replay_.Begin({.base = {.term = {1}, .index = {2}},
                 .last = {.term = {3}, .index = {10}},
                 .hard_state = {.term = {3}, .commit = {2}}});
  EXPECT_THAT(Put({.term = {4}, .index = {5}}), IsOk());
  EXPECT_THAT(replay_.CheckWhole(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want entries 3 to 4")));
  EXPECT_THAT(Put({.term = {5}, .index = {3}}), IsOk());
  EXPECT_THAT(replay_.CheckWhole(), IsOk());
  EXPECT_EQ(replay_.last(), (EntryId{.term = {5}, .index = {3}}));
}

TEST_F(LogReplayTest, TypesOfALaterVersionAreRefused) {
  EXPECT_THAT(replay_.Apply({.header = {.type = FrameType{9}}, .payload = ""}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("frame type")));
  EXPECT_THAT(replay_.Apply({.header = {.type = FrameType::kEntry, .entry_type = 9, .index = {1}},
                             .payload = ""}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("entry type")));
}

TEST_F(LogReplayTest, SecondSegmentHeaderIsRefused) {
  EXPECT_THAT(replay_.Apply({.header = {.type = FrameType::kSegmentHeader}, .payload = ""}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("second segment header")));
}

TEST_F(LogReplayTest, PoolWithoutRoomIsReported) {
  memory::BufferPool small(
      {.name = "small", .max_block_bytes = 64, .max_retained_bytes = 0, .max_live_bytes = 0});
  LogReplay replay(small);
  EXPECT_THAT(replay.Apply({.header = {.type = FrameType::kEntry, .term = {1}, .index = {1}},
                            .payload = std::string(100, 'x')}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")));
}

}  // namespace
}  // namespace blixard::raft
