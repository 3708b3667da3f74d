#include "raft/storage/membership_recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
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
