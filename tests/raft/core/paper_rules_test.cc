// The rules of the paper and of the thesis, by section, as far as they concern one replica or two.
// Those of snapshots and reads are in paper_state_rules_test.cc.
// What takes a group is told by the scripts in testdata/, known bugs are in *_scenarios_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/node_status.h"
#include "raft/core/raw_node.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/types.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

// A log with one entry per term, from index 1.
std::vector<Entry> EntriesOfTerms(const std::vector<uint64_t>& terms) {
  std::vector<Entry> entries;
  for (uint64_t term : terms) {
    entries.push_back(
        Command({.term = Term{term}, .index = LogIndex{entries.size() + 1}}, absl::StrCat(term)));
  }
  return entries;
}

std::vector<uint64_t> TermsOf(const RawNode& node) {
  std::vector<uint64_t> terms;
  for (LogIndex index{1}; index <= node.last_index(); ++index) {
    terms.push_back(node.log().TermAt(index).value);
  }
  return terms;
}

std::vector<Message> OfType(const std::vector<Message>& messages, MessageType type) {
  std::vector<Message> found;
  std::copy_if(messages.begin(), messages.end(), std::back_inserter(found),
               [type](const Message& message) { return message.type == type; });
  return found;
}

Message VoteRequest(const Sender& sender, const EntryId& last) {
  Message request = From(sender, MessageType::kVote);
  request.log = last;
  return request;
}

// nullopt when there was no answer.
std::optional<bool> Granted(const std::vector<Message>& sent) {
  for (const Message& message : sent) {
    if (message.type == MessageType::kVoteReply || message.type == MessageType::kPreVoteReply) {
      return !message.reject;
    }
  }
  return std::nullopt;
}

RawNodeConfig WithoutPreVote() {
  RawNodeConfig config = ConfigOfOne();
  config.pre_vote = false;
  return config;
}

void TickTimes(DrivenNode& node, uint32_t ticks) {
  for (uint32_t i = 0; i < ticks; ++i) {
    node->Tick();
    node.Work();
  }
}

TEST(PaperRulesTest, P5_1_HigherTermMakesALeaderAFollowerOfThatTerm) {
  for (MessageType type : {MessageType::kAppend, MessageType::kHeartbeat, MessageType::kAppendReply,
                           MessageType::kHeartbeatReply, MessageType::kVoteReply}) {
    SCOPED_TRACE(static_cast<int>(type));
    DrivenNode node(3);
    node.Lead();
    node.Take(From({.term = node->term().value}, MessageType::kHeartbeatReply));
    ASSERT_EQ(node->role(), Role::kLeader);
    node.Take(From({.term = 7}, type));
    EXPECT_EQ(node->role(), Role::kFollower);
    EXPECT_EQ(node.stored().term, Term{7});
    EXPECT_EQ(node.stored().vote, kNoReplica);
  }
}

TEST(PaperRulesTest, P5_1_RequestOfALowerTermIsRefusedWithTheOwn) {
  for (MessageType type : {MessageType::kAppend, MessageType::kVote}) {
    SCOPED_TRACE(static_cast<int>(type));
    DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{5}), {}));
    const std::vector<Message> sent = node.Take(From({.term = 4}, type));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].reject);
    EXPECT_EQ(sent[0].term, Term{5});
    EXPECT_EQ(node->leader(), kNoReplica);
  }
}

TEST(PaperRulesTest, P5_2_OneVotePerTermFirstComeFirstServed) {
  DrivenNode node(3);
  EXPECT_EQ(Granted(node.Take(VoteRequest({.replica = 2}, {}))), true);
  EXPECT_EQ(Granted(node.Take(VoteRequest({.replica = 3}, {}))), false);
  EXPECT_EQ(Granted(node.Take(VoteRequest({.replica = 2}, {}))), true);  // the answer was lost
  EXPECT_EQ(Granted(node.Take(VoteRequest({.replica = 3, .term = 2}, {}))), true);
}

TEST(PaperRulesTest, P5_2_MajorityElectsAndAMinorityDoesNot) {
  DrivenNode node(WithoutPreVote(), 5);
  node->Campaign();
  node.Work();
  node.Take(From({.replica = 2}, MessageType::kVoteReply));
  node.Take(From({.replica = 2}, MessageType::kVoteReply));  // the same vote twice is one
  EXPECT_EQ(node->role(), Role::kCandidate);
  node.Take(From({.replica = 3}, MessageType::kVoteReply));
  EXPECT_EQ(node->role(), Role::kLeader);
}

TEST(PaperRulesTest, P5_2_CandidateFollowsALeaderOfItsTermButNotOfAnOlder) {
  DrivenNode node(WithoutPreVote(), 3);
  node->Campaign();
  node.Work();
  node->Campaign();
  node.Work();
  ASSERT_EQ(node->term(), Term{2});
  node.Take(From({.term = 1}, MessageType::kHeartbeat));
  EXPECT_EQ(node->role(), Role::kCandidate);
  node.Take(From({.term = 2}, MessageType::kHeartbeat));
  EXPECT_EQ(node->role(), Role::kFollower);
  EXPECT_EQ(node->leader(), ReplicaId{2});
}

TEST(PaperRulesTest, P5_2_SplitVoteIsFollowedByAnElectionInTheNextTerm) {
  DrivenNode node(WithoutPreVote(), 4);
  node->Campaign();
  node.Work();
  node.Take(From({.replica = 2}, MessageType::kVoteReply));
  ASSERT_EQ(node->role(), Role::kCandidate);
  TickTimes(node, node->config().election_ticks - 1);
  EXPECT_EQ(node->term(), Term{1});
  TickTimes(node, node->config().election_ticks);
  EXPECT_EQ(node->term(), Term{2});
  EXPECT_EQ(node->role(), Role::kCandidate);
  // The vote of the first election counts no more.
  node.Take(From({.replica = 3, .term = 2}, MessageType::kVoteReply));
  EXPECT_EQ(node->role(), Role::kCandidate);
}

// Paper, figure 7: a leader of term 8 and the followers that it may meet.
TEST(PaperRulesTest, P5_3_LeaderBringsEveryLogOfFigure7ToItsOwn) {
  const std::vector<uint64_t> leaders = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
  const std::pair<std::string, std::vector<uint64_t>> followers[] = {
      {"a misses the last", {1, 1, 1, 4, 4, 5, 5, 6, 6}},
      {"b misses many", {1, 1, 1, 4}},
      {"c has one too many", {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6}},
      {"d has two of a later term", {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7}},
      {"e misses some and has others", {1, 1, 1, 4, 4, 4, 4}},
      {"f has none of the later ones", {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}}};
  for (const auto& [name, terms] : followers) {
    SCOPED_TRACE(name);
    DrivenNode leader(ConfigOfOne(), LogOf(3, InTerm(Term{7}), EntriesOfTerms(leaders)));
    RawNodeConfig config = ConfigOfOne();
    config.id = ReplicaId{2};
    DrivenNode follower(config, LogOf(3, InTerm(Term{terms.back()}), EntriesOfTerms(terms)));
    leader->Campaign();
    std::vector<Message> sent = leader.Work();
    for (MessageType type : {MessageType::kPreVoteReply, MessageType::kVoteReply}) {
      sent = leader.Take(From({.replica = 3, .term = 8}, type));
    }
    ASSERT_EQ(leader->role(), Role::kLeader);
    for (int round = 0; round < 10 && !sent.empty(); ++round) {
      std::vector<Message> answers;
      for (Message& message : sent) {
        if (message.to != config.id) continue;
        for (Message& answer : follower.Take(message)) answers.push_back(answer);
      }
      sent.clear();
      for (Message& answer : answers) {
        for (Message& message : leader.Take(answer)) sent.push_back(message);
      }
    }
    std::vector<uint64_t> want = leaders;
    want.push_back(8);
    EXPECT_EQ(TermsOf(*leader), want);  // a leader changes nothing in its own log
    EXPECT_EQ(TermsOf(*follower), want);
    EXPECT_EQ(leader->commit_index(), LogIndex{want.size()});
    EXPECT_EQ(follower->commit_index(), LogIndex{want.size()});
  }
}

TEST(PaperRulesTest, P5_3_AppendIsTakenOnlyBehindAnEntryThatMatches) {
  struct Case {
    std::string name;
    EntryId before;
    bool taken;
  };
  const std::vector<Case> cases = {
      {"the beginning", {.term = Term{0}, .index = LogIndex{0}}, true},
      {"in the middle", {.term = Term{1}, .index = LogIndex{1}}, true},
      {"the end", {.term = Term{2}, .index = LogIndex{2}}, true},
      {"another term", {.term = Term{1}, .index = LogIndex{2}}, false},
      {"behind the end", {.term = Term{2}, .index = LogIndex{3}}, false}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{2}), EntriesOfTerms({1, 2})));
    const std::vector<Message> sent = node.Take(AppendFrom(
        {.term = 3}, c.before, CommandsOf(Term{3}, c.before.index + 1, c.before.index + 1), {}));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].reject, !c.taken);
    EXPECT_EQ(node->last_index(), c.taken ? c.before.index + 1 : LogIndex{2});
  }
}

TEST(PaperRulesTest, P5_4_1_VoteGoesOnlyToALogThatIsAtLeastAsUpToDate) {
  struct Case {
    std::string name;
    EntryId last;
    bool granted;
  };
  const std::vector<Case> cases = {
      {"the same", {.term = Term{2}, .index = LogIndex{3}}, true},
      {"longer", {.term = Term{2}, .index = LogIndex{4}}, true},
      {"shorter, of a later term", {.term = Term{3}, .index = LogIndex{1}}, true},
      {"shorter", {.term = Term{2}, .index = LogIndex{2}}, false},
      {"longer, of an earlier term", {.term = Term{1}, .index = LogIndex{9}}, false}};
  for (const Case& c : cases) {
    for (MessageType type : {MessageType::kVote, MessageType::kPreVote}) {
      SCOPED_TRACE(c.name);
      DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{3}), EntriesOfTerms({1, 1, 2})));
      Message request = VoteRequest({.term = 4}, c.last);
      request.type = type;
      EXPECT_EQ(Granted(node.Take(request)), c.granted);
    }
  }
}

TEST(PaperRulesTest, P5_4_2_EntriesOfEarlierTermsAreCommittedWithTheFirstOfTheOwn) {
  DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{3}), EntriesOfTerms({1, 2, 3})));
  node.Lead();
  Message reply = From({.term = 4}, MessageType::kAppendReply);
  reply.log.index = LogIndex{3};
  node.Take(reply);
  EXPECT_EQ(node->commit_index(), LogIndex{0});
  reply.log.index = LogIndex{4};
  node.Take(reply);
  EXPECT_EQ(node->commit_index(), LogIndex{4});
}

TEST(PaperRulesTest, P8_LeaderBeginsItsTermWithAnEmptyEntry) {
  DrivenNode node(3);
  EXPECT_EQ(node->last_index(), LogIndex{0});
  node.Lead();
  EXPECT_EQ(node->last_index(), LogIndex{1});
  EXPECT_EQ(node->log().TermAt(LogIndex{1}), Term{1});
  EXPECT_EQ(node->GetStatus().uncommitted_bytes, 0u);
}

TEST(PaperRulesTest, T3_10_SuccessorCampaignsAtOnceAndPastTheStickiness) {
  DrivenNode successor(3);
  successor.Take(From({}, MessageType::kHeartbeat));
  const std::vector<Message> sent = successor.Take(From({}, MessageType::kTimeoutNow));
  const std::vector<Message> requests = OfType(sent, MessageType::kVote);
  ASSERT_EQ(requests.size(), 2u);  // no pre-vote: the others still hear the leader
  EXPECT_TRUE(requests[0].force);
}

TEST(PaperRulesTest, T3_10_WhoWasNotAskedDoesNotPassIt) {
  DrivenNode node(3);
  node.Take(From({}, MessageType::kHeartbeat));
  node->Campaign();
  for (const Message& request : OfType(node.Work(), MessageType::kPreVote)) {
    EXPECT_FALSE(request.force);
  }
  EXPECT_EQ(node->term(), Term{1});
}

TEST(PaperRulesTest, T4_2_3_WhoHearsALeaderNeitherVotesNorTakesTheTerm) {
  DrivenNode node(3);
  node.Take(From({.replica = 2}, MessageType::kHeartbeat));
  TickTimes(node, node->config().election_ticks - 1);
  node.Take(VoteRequest({.replica = 3, .term = 9}, {}));
  EXPECT_EQ(node->term(), Term{1});
  EXPECT_EQ(node->leader(), ReplicaId{2});
}

TEST(PaperRulesTest, T4_2_3_AfterTheElectionTimeoutItDoes) {
  DrivenNode node(3);
  node.Take(From({.replica = 2}, MessageType::kHeartbeat));
  TickTimes(node, node->config().election_ticks);
  EXPECT_EQ(Granted(node.Take(VoteRequest({.replica = 3, .term = 9}, {}))), true);
  EXPECT_EQ(node->term(), Term{9});
}

TEST(PaperRulesTest, T4_3_JointElectionNeedsBothMajorities) {
  struct Case {
    std::string name;
    std::vector<uint64_t> votes;
    bool elected;
  };
  // Old 1 2 3, new 1 4 5.
  const std::vector<Case> cases = {{"the old ones alone", {2, 3}, false},
                                   {"the new ones alone", {4, 5}, false},
                                   {"one of each", {2, 4}, true}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    RestoredLog restored;
    restored.snapshot.configuration = {.voters = {ReplicaId{1}, ReplicaId{4}, ReplicaId{5}},
                                       .outgoing = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}}};
    DrivenNode node(WithoutPreVote(), std::move(restored));
    node->Campaign();
    EXPECT_EQ(OfType(node.Work(), MessageType::kVote).size(), 4u);
    for (uint64_t vote : c.votes) node.Take(From({.replica = vote}, MessageType::kVoteReply));
    EXPECT_EQ(node->role() == Role::kLeader, c.elected);
  }
}

TEST(PaperRulesTest, T6_2_LeaderThatHearsAQuorumStaysAndOtherwiseStepsDown) {
  for (bool hears : {true, false}) {
    SCOPED_TRACE(hears);
    DrivenNode node(3);
    node.Lead();
    for (uint32_t i = 0; i < 3 * node->config().election_ticks; ++i) {
      TickTimes(node, 1);
      if (hears) node.Take(From({.replica = 3}, MessageType::kHeartbeatReply));
    }
    EXPECT_EQ(node->role() == Role::kLeader, hears);
  }
}

TEST(PaperRulesTest, T9_6_PreVoteChangesNeitherTermNorVoteOnEitherSide) {
  DrivenNode voter(3);
  Message request = VoteRequest({.replica = 2, .term = 1}, {});
  request.type = MessageType::kPreVote;
  EXPECT_EQ(Granted(voter.Take(request)), true);
  request.from = ReplicaId{3};
  EXPECT_EQ(Granted(voter.Take(request)), true);  // it is no vote, so it is not used up
  EXPECT_EQ(voter->term(), Term{0});
  EXPECT_EQ(voter.stored().vote, kNoReplica);

  DrivenNode candidate(3);
  TickTimes(candidate, 10 * candidate->config().election_ticks);
  EXPECT_EQ(candidate->role(), Role::kPreCandidate);
  EXPECT_EQ(candidate->term(), Term{0});
}

TEST(PaperRulesTest, T9_6_PreVoteIsNotGrantedWhileALeaderIsHeard) {
  for (bool hears : {true, false}) {
    SCOPED_TRACE(hears);
    DrivenNode node(3);
    node.Take(From({.replica = 2}, MessageType::kHeartbeat));
    if (!hears) TickTimes(node, node->config().election_ticks);
    Message request = VoteRequest({.replica = 3, .term = 2}, {});
    request.type = MessageType::kPreVote;
    EXPECT_EQ(Granted(node.Take(request)) == true, !hears);
  }
}

TEST(PaperRulesTest, T10_2_1_AppendsFollowEachOtherWithoutWaitingForAnswers) {
  DrivenNode node(2);
  node.Lead();
  Message reply = From({}, MessageType::kAppendReply);
  reply.log.index = LogIndex{1};
  node.Take(reply);
  for (uint64_t i = 2; i <= 5; ++i) {
    ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
    const std::vector<Message> sent = OfType(node.Work(), MessageType::kAppend);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].log.index, LogIndex{i - 1});
    ASSERT_EQ(sent[0].entries.size(), 1u);
  }
  EXPECT_EQ(node->commit_index(), LogIndex{1});
}

TEST(PaperRulesTest, T10_2_1_BeforeTheFirstAnswerOnlyOneIsSent) {
  DrivenNode node(2);
  node.Lead();
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  EXPECT_TRUE(OfType(node.Work(), MessageType::kAppend).empty());
}

// Two followers that have it are a majority without the leader; one is not.
TEST(PaperRulesTest, T10_2_1_CommitDoesNotNeedTheLeadersOwnDisk) {
  DrivenNode node(3);
  node.Lead();
  Message reply = From({}, MessageType::kAppendReply);
  reply.log.index = LogIndex{1};
  node.Take(reply);
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  ASSERT_EQ(node->Ready().append.entries.size(), 1u);  // being written until Advance
  reply.log.index = LogIndex{2};
  reply.context = node.SessionOf(2);
  ASSERT_TRUE(node->Step(reply).ok());
  EXPECT_EQ(node->commit_index(), LogIndex{1});
  reply = From({.replica = 3}, MessageType::kAppendReply);
  reply.log.index = LogIndex{2};
  reply.context = node.SessionOf(3);
  ASSERT_TRUE(node->Step(reply).ok());
  EXPECT_EQ(node->commit_index(), LogIndex{2});
  node->Advance();
}

}  // namespace
}  // namespace blixard::raft
