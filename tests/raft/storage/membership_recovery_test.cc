#include "raft/storage/membership_recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/split_mix.h"
#include "tests/raft/storage/wal_fixture.h"

namespace blixard::raft {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<ReplicaId> Ids(std::initializer_list<uint64_t> ids) {
  std::vector<ReplicaId> made;
  for (const uint64_t id : ids) made.push_back(ReplicaId{id});
  return made;
}

class MembershipRecoveryTest : public WalFixture {
 protected:
  MembershipRecoveryTest() { start_.configuration.voters = Ids({1, 2, 3}); }

  absl::StatusOr<MembershipRecovery> Recover(const std::vector<ReplicaId>& voters) {
    return RecoverMembership(files_, memory::BufferPool::Default(),
                             {.directory = options_.directory, .voters = voters, .start = start_});
  }

  Entry NextChange(const ConfigurationChange& change) const {
    Entry entry = Next(1, Encode(change));
    entry.type = EntryType::kConfiguration;
    return entry;
  }

  // What a started replica ends up with.
  Configuration Applied() {
    absl::StatusOr<OpenedWal> opened = Open();
    EXPECT_THAT(opened, IsOk());
    Configuration configuration = start_.configuration;
    for (const Entry& entry : opened->recovered.entries) {
      EXPECT_LE(entry.index, opened->recovered.hard_state.commit);
      if (entry.type != EntryType::kConfiguration || entry.index <= start_.last.index) continue;
      const auto change = DecodeConfigurationChange(entry.payload.view());
      EXPECT_THAT(change, IsOk());
      const auto next = Apply(configuration, *change);
      if (next.ok()) configuration = *next;
    }
    return configuration;
  }

  SnapshotMeta start_;
};

TEST_F(MembershipRecoveryTest, SurvivorOfThreeBecomesTheOnlyVoter) {
  Start();
  Fill(5);
  AppendSynced({}, {Next(1, "nobody knows whether this was committed")});
  wal_.reset();
  const absl::StatusOr<MembershipRecovery> recovery = Recover(Ids({2}));
  ASSERT_THAT(recovery, IsOk());
  EXPECT_EQ(recovery->replica, ReplicaId{2});
  EXPECT_EQ(recovery->before.voters, Ids({1, 2, 3}));
  EXPECT_EQ(recovery->after.voters, Ids({2}));
  EXPECT_FALSE(recovery->after.IsJoint());
  EXPECT_EQ(recovery->term, Term{2});
  EXPECT_EQ(recovery->first, LogIndex{7});
  EXPECT_EQ(recovery->made_committed, 1u);
  files_.Crash();
  EXPECT_EQ(Applied(), recovery->after);
  const std::vector<std::string> warnings = Warnings(*recovery);
  EXPECT_THAT(warnings, Contains(HasSubstr("(1,3)")));
  EXPECT_THAT(warnings, Contains(HasSubstr("1 entries at the end of the log")));
}

TEST_F(MembershipRecoveryTest, TwoSurvivorsOfFiveAndOneOfThree) {
  start_.configuration.voters = Ids({1, 2, 3, 4, 5});
  Start();
  Fill(2);
  wal_.reset();
  ASSERT_THAT(Recover(Ids({2, 4})), IsOk());
  EXPECT_EQ(Applied().voters, Ids({2, 4}));
  ASSERT_THAT(Recover(Ids({2})), IsOk());
  EXPECT_EQ(Applied().voters, Ids({2}));
}

TEST_F(MembershipRecoveryTest, ChangesInTheLogCountEvenIfTheirFateWasOpen) {
  Start();
  Fill(1);
  AppendSynced({}, {NextChange({.transition = Transition::kAuto,
                                .changes = {{MemberChangeType::kAddVoter, ReplicaId{4}}}})});
  wal_.reset();
  const absl::StatusOr<MembershipRecovery> recovery = Recover(Ids({2}));
  ASSERT_THAT(recovery, IsOk());
  EXPECT_EQ(recovery->before.voters, Ids({1, 2, 3, 4}));
  EXPECT_EQ(Applied().voters, Ids({2}));
}

TEST_F(MembershipRecoveryTest, JointConfigurationIsLeftFirst) {
  Start();
  Fill(1);
  AppendSynced({}, {NextChange({.transition = Transition::kJointExplicit,
                                .changes = {{MemberChangeType::kAddVoter, ReplicaId{4}},
                                            {MemberChangeType::kRemove, ReplicaId{1}}}})});
  wal_.reset();
  const absl::StatusOr<MembershipRecovery> recovery = Recover(Ids({2}));
  ASSERT_THAT(recovery, IsOk());
  EXPECT_TRUE(recovery->before.IsJoint());
  EXPECT_EQ(Applied().voters, Ids({2}));
  EXPECT_FALSE(Applied().IsJoint());
}

TEST_F(MembershipRecoveryTest, HistoryMayStartWithASnapshot) {
  Start();
  Fill(9);
  CompactThrough(7);
  wal_.reset();
  EXPECT_THAT(Recover(Ids({2})).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("at least entry 7"), HasSubstr("up to 0"))));
  start_.last = {.term = {1}, .index = {8}};
  ASSERT_THAT(Recover(Ids({2})), IsOk());
  EXPECT_EQ(Applied().voters, Ids({2}));
}

// The change that was wished for stands in the log, but the one whose acknowledgement it needs is
// gone: nobody could ever commit it.
TEST_F(MembershipRecoveryTest, OpenChangeThatLeadsToTheWishIsCommitted) {
  start_.configuration.voters = Ids({2, 3});
  Start();
  Fill(2);
  AppendSynced({}, {NextChange({.transition = Transition::kAuto,
                                .changes = {{MemberChangeType::kRemove, ReplicaId{3}}}})});
  wal_.reset();
  const absl::StatusOr<MembershipRecovery> recovery = Recover(Ids({2}));
  ASSERT_THAT(recovery, IsOk());
  EXPECT_EQ(recovery->before.voters, Ids({2}));
  EXPECT_EQ(recovery->after, recovery->before);
  EXPECT_EQ(recovery->made_committed, 1u);
  EXPECT_EQ(recovery->first, LogIndex{4});
  EXPECT_EQ(recovery->last, LogIndex{4});
  files_.Crash();
  EXPECT_EQ(Applied().voters, Ids({2}));
  EXPECT_THAT(Recover(Ids({2})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has already")));
}

// Wherever the machine dies, the command may be given again.
TEST_F(MembershipRecoveryTest, ItMayBeRepeatedAfterACrashAtAnyMoment) {
  uint64_t completed = 0;
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(seed);
    SplitMix random(seed);
    options_.directory = absl::StrCat("/wal", seed);
    model_ = LogModel();
    Start();
    Fill(2);
    // Of a random size, so that any of the frames that follow may be torn by a sector's end.
    AppendSynced({}, {Next(1, std::string(random.Below(512), 'x'))});
    wal_.reset();
    files_.DieAt(1 + random.Below(6));
    const bool done = Recover(Ids({2})).ok();
    files_.Crash(&random);
    const absl::Status again = Recover(Ids({2})).status();
    if (absl::IsInvalidArgument(again)) {
      EXPECT_THAT(again.message(), HasSubstr("has already"));
      ++completed;
    } else {
      EXPECT_THAT(again, IsOk());
      EXPECT_FALSE(done);
    }
    EXPECT_EQ(Applied().voters, Ids({2}));
  }
  EXPECT_GT(completed, 0u);
  EXPECT_LT(completed, 1000u);
}

TEST_F(MembershipRecoveryTest, OnlyMembersMayVoteFromNowOn) {
  start_.configuration.learners = Ids({4});
  Start();
  Fill(3);
  wal_.reset();
  const std::string before = files_.Content(Path(1));
  EXPECT_THAT(Recover(Ids({2, 5})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("voters: want members of the group"), HasSubstr("got 5"))));
  EXPECT_EQ(files_.Content(Path(1)), before);
  ASSERT_THAT(Recover(Ids({2, 4})), IsOk());
  EXPECT_EQ(Applied().voters, Ids({2, 4}));
  EXPECT_EQ(Applied().learners, Ids({}));
}

TEST_F(MembershipRecoveryTest, SnapshotOfAnotherHistoryIsRefused) {
  Start();
  Fill(5);
  wal_.reset();
  const std::string before = files_.Content(Path(1));
  start_.last = {.term = {2}, .index = {4}};
  EXPECT_THAT(Recover(Ids({2})).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("entry 4 of term 2")));
  EXPECT_EQ(files_.Content(Path(1)), before);
}

TEST_F(MembershipRecoveryTest, RequestsThatMakeNoSenseChangeNothing) {
  Start();
  Fill(3);
  wal_.reset();
  const std::string before = files_.Content(Path(1));
  EXPECT_THAT(Recover(Ids({1, 3})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want replica 2")));
  EXPECT_THAT(Recover(Ids({})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("voters")));
  EXPECT_THAT(Recover(Ids({1, 2, 3})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has already")));
  start_ = SnapshotMeta();
  EXPECT_THAT(Recover(Ids({2})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("start: want")));
  EXPECT_EQ(files_.Content(Path(1)), before);
}

TEST_F(MembershipRecoveryTest, LogInUseIsRefused) {
  Start();
  Fill(3);
  EXPECT_THAT(Recover(Ids({2})).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/wal")));
  ReopenExpecting(model_);
}

TEST_F(MembershipRecoveryTest, DamagedLogIsRefusedAndLeft) {
  Start();
  Fill(9);
  wal_.reset();
  std::string bad = files_.Content(Path(1));
  bad[300] ^= 1;
  files_.SetContent(Path(1), bad);
  EXPECT_THAT(Recover(Ids({2})).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("offset")));
  EXPECT_EQ(files_.Content(Path(1)), bad);
}

}  // namespace
}  // namespace blixard::raft
