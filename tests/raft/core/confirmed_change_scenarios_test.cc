// Which changes of membership a replica knows to be committed, and when one is done (L6).
#include <gtest/gtest.h>

#include <vector>

#include "raft/core/configuration_change.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"
#include "tests/raft/core/membership_changes.h"

namespace blixard::raft {
namespace {

// Found here: with both steps of a change in one append, what a follower stores of the commit index
// may end before the first. It must not come back as a voter of the configuration two changes ago.
TEST(MembershipScenariosTest, S4_RestartKnowsThatAllChangesInTheLogButTheLastAreCommitted) {
  const std::vector<Entry> changes = {
      Empty({.term = Term{1}, .index = LogIndex{1}}),
      ChangeEntry({.term = Term{1}, .index = LogIndex{2}}, Swap(4, 1)),
      Command({.term = Term{1}, .index = LogIndex{3}}, "a"),
      ChangeEntry({.term = Term{1}, .index = LogIndex{4}}, {}),
      Command({.term = Term{1}, .index = LogIndex{5}}, "b")};
  DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{1}), changes));
  EXPECT_EQ(node->commit_index(), LogIndex{2});  // nothing more is certain
  node.Work();
  EXPECT_EQ(ToString(node->configuration()), "voters=(2 3 4)&&(1 2 3) autoleave");

  const std::vector<Entry> one(changes.begin(), changes.begin() + 3);
  DrivenNode doubting(ConfigOfOne(), LogOf(3, InTerm(Term{1}), one));
  EXPECT_EQ(doubting->commit_index(), LogIndex{0});  // this one may be cut off again
  doubting.Work();
  EXPECT_EQ(doubting->configuration(), Voters(3));

  DrivenNode knowing(ConfigOfOne(), LogOf(3, InTerm(Term{1}, LogIndex{3}), changes));
  EXPECT_EQ(knowing->commit_index(), LogIndex{3});  // it knows more by itself
}

// The last change, too, once it is confirmed; what begins a term confirms nothing.
TEST(MembershipScenariosTest, L6_RestartKnowsThatAConfirmedChangeIsCommitted) {
  const Entry change = ChangeEntry({.term = Term{2}, .index = LogIndex{3}}, Swap(4, 1));
  std::vector<Entry> entries = {Empty({.term = Term{2}, .index = LogIndex{2}}), change,
                                Command({.term = Term{2}, .index = LogIndex{4}}, "a"),
                                Empty({.term = Term{2}, .index = LogIndex{5}})};
  RestoredLog restored = LogOf(3, InTerm(Term{3}, LogIndex{1}), entries);
  restored.snapshot.last = {.term = Term{1}, .index = LogIndex{1}};
  restored.applied = LogIndex{1};
  DrivenNode confirmed(ConfigOfOne(), restored);
  EXPECT_EQ(confirmed->commit_index(), LogIndex{3});  // nothing more is certain

  restored.entries.back().term = Term{3};
  DrivenNode of_new_leader(ConfigOfOne(), restored);
  EXPECT_EQ(of_new_leader->commit_index(), LogIndex{1});

  restored.entries.resize(1);
  restored.entries[0].term = Term{1};  // goes on in the term of the snapshot
  DrivenNode nothing_to_confirm(ConfigOfOne(), restored);
  EXPECT_EQ(nothing_to_confirm->commit_index(), LogIndex{1});
}

TEST(MembershipScenariosTest, L6_ChangeIsDoneWhenAMajorityOfTheNewVotersHasConfirmedIt) {
  DrivenNode node(3);
  LeadAndCommit(node);
  EXPECT_EQ(node->confirmed_change(), LogIndex{0});
  const auto applied_change = [&] { return node->GetStatus().configuration_index; };
  ASSERT_EQ(applied_change(), LogIndex{0});
  ASSERT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddVoter, 4)).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{2}));
  ASSERT_EQ(applied_change(), LogIndex{2});
  EXPECT_EQ(node->last_index(), LogIndex{3});
  node.Take(Ack({.replica = 2}, LogIndex{3}));
  EXPECT_EQ(node->confirmed_change(), LogIndex{0});  // two of four
  node.Take(Ack({.replica = 4}, LogIndex{3}));
  EXPECT_EQ(node->confirmed_change(), LogIndex{2});
  EXPECT_EQ(node->last_index(), LogIndex{3});  // once
}

// Of joint configurations only those that stay need a confirmation: what leaves them is one.
TEST(MembershipScenariosTest, L6_JointConfigurationIsConfirmedByWhatLeavesIt) {
  for (const bool stays : {false, true}) {
    DrivenNode node(3);
    LeadAndCommit(node);
    ConfigurationChange change = Swap(4, 3);
    change.transition = stays ? Transition::kJointExplicit : Transition::kJointImplicit;
    ASSERT_TRUE(node->ProposeConfigurationChange(change).ok());
    node.Work();
    node.Take(Ack({.replica = 2}, LogIndex{2}));
    ASSERT_TRUE(node->configuration().IsJoint());
    ASSERT_EQ(node->last_index(), LogIndex{3});
    EXPECT_EQ(node->log().At(LogIndex{3}).type,
              stays ? EntryType::kEmpty : EntryType::kConfiguration);
    node.Take(Ack({.replica = 2}, LogIndex{3}));
    EXPECT_EQ(node->commit_index(), LogIndex{3});  // two of each half
    EXPECT_EQ(node->confirmed_change(), LogIndex{stays ? 2u : 0u});
    EXPECT_EQ(node->last_index(), LogIndex{stays ? 3u : 4u});
  }
}

// Whether its predecessor came to confirm it a new leader does not know.
TEST(MembershipScenariosTest, L6_NewLeaderConfirmsAChangeOfItsPredecessor) {
  DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{1}, LogIndex{1}),
                                       {ChangeEntry({.term = Term{1}, .index = LogIndex{1}},
                                                    One(MemberChangeType::kAddLearner, 4))}));
  node.Work();
  node.Lead();
  EXPECT_EQ(node->confirmed_change(), LogIndex{0});
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{2}));
  node.Take(Ack({.replica = 2, .term = 2}, LogIndex{3}));
  EXPECT_EQ(node->confirmed_change(), LogIndex{1});
}

// An entry more would only keep who is to lead from being elected.
TEST(MembershipScenariosTest, L6_NothingIsConfirmedDuringATransfer) {
  DrivenNode node(3);
  LeadAndCommit(node);
  ASSERT_TRUE(node->ProposeConfigurationChange(One(MemberChangeType::kAddLearner, 4)).ok());
  ASSERT_TRUE(node->TransferLeader(ReplicaId{3}).ok());
  node.Work();
  node.Take(Ack({.replica = 2}, LogIndex{2}));
  EXPECT_EQ(node->configuration().learners.size(), 1u);
  EXPECT_EQ(node->last_index(), LogIndex{2});
  ASSERT_TRUE(node->TransferLeader(ReplicaId{1}).ok());  // given up
  node->Tick();
  EXPECT_EQ(node->last_index(), LogIndex{3});
}

}  // namespace
}  // namespace blixard::raft
