#include "raft/core/raw_node.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/raft/core/driven_node.h"
#include "tests/raft/core/led_node.h"

namespace blixard::raft {
namespace {

TEST(RawNodeTest, BadConfigIsRefused) {
  RawNodeConfig config = ConfigOfOne();
  config.id = kNoReplica;
  EXPECT_EQ(RawNode::Create(config, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RawNodeTest, LogThatNoReplicaCanHaveWrittenStopsTheProcess) {
  struct Case {
    absl::string_view name;
    HardState hard_state;
    std::vector<Entry> entries;
    const char* message;
  };
  const EntryId first{.term = Term{2}, .index = LogIndex{1}};
  for (const Case& c : std::vector<Case>{
           {"commit beyond last", InTerm(Term{2}, LogIndex{2}), {Empty(first)}, "ends"},
           {"hole at the start",
            InTerm(Term{2}),
            {Empty({.term = Term{2}, .index = LogIndex{2}})},
            "last_index"},
           {"terms go back",
            InTerm(Term{2}),
            {Empty(first), Empty({.term = Term{1}, .index = LogIndex{2}})},
            "TermAt"},
           {"entry of a later term", InTerm(Term{1}), {Empty(first)}, "never saw"},
           {"vote in no term",
            {.term = {}, .vote = ReplicaId{2}, .commit = {}},
            {},
            "in no term"}}) {
    SCOPED_TRACE(c.name);
    const RestoredLog restored = LogOf(3, c.hard_state, c.entries);
    EXPECT_DEATH(RawNode::Create(ConfigOfOne(), restored).IgnoreError(), c.message);
  }
}

TEST(RawNodeTest, OnlyALeaderTakesProposals) {
  DrivenNode node(3);
  EXPECT_EQ(node->UncommittedBytesLeft(), 0u);
  EXPECT_EQ(node->Propose(BufferOf("a")).status().code(), absl::StatusCode::kFailedPrecondition);
  node.Lead();
  const absl::StatusOr<EntryId> place = node->Propose(BufferOf("a"));
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(*place, (EntryId{.term = Term{1}, .index = LogIndex{2}}));
}

TEST(RawNodeTest, PayloadMustFitTheUncommittedBytes) {
  RawNodeConfig config = ConfigOfOne();
  config.max_uncommitted_bytes = 10;
  DrivenNode node(config, 3);
  node.Lead();
  EXPECT_EQ(node->Propose({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(node->Propose(BufferOf("12345678901")).status().code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(node->Propose(BufferOf("1234567")).ok());
  EXPECT_EQ(node->UncommittedBytesLeft(), 3u);
  const absl::Status refused = node->Propose(BufferOf("1234")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.message(), "payload: want <= 3 bytes (uncommitted bytes left), got 4");
  ASSERT_TRUE(node->Propose(BufferOf("123")).ok());
  EXPECT_EQ(node->UncommittedBytesLeft(), 0u);
  node.Work();
  node.Take(Ack({}, LogIndex{2}));  // the first is committed
  EXPECT_EQ(node->UncommittedBytesLeft(), 7u);
}

TEST(RawNodeTest, NewLeaderCountsTheTailItInherits) {
  RawNodeConfig config = ConfigOfOne();
  config.max_uncommitted_bytes = 10;
  DrivenNode node(config,
                  LogOf(3, InTerm(Term{1}),
                        {Command({.term = Term{1}, .index = LogIndex{1}}, "more than ten bytes")}));
  node.Lead();
  EXPECT_EQ(node->UncommittedBytesLeft(), 0u);
  EXPECT_EQ(node->Propose(BufferOf("1")).status().code(), absl::StatusCode::kResourceExhausted);
  node.Take(Ack({.term = 2}, LogIndex{2}));
  EXPECT_EQ(node->UncommittedBytesLeft(), 10u);
}

TEST(RawNodeTest, MessageThatMakesNoSenseIsRefusedUntouched) {
  struct Case {
    absl::string_view name;
    std::function<void(Message&)> spoil;
  };
  for (const Case& c :
       std::vector<Case>{{"other cluster", [](Message& m) { m.cluster = ClusterId{2}; }},
                         {"other receiver", [](Message& m) { m.to = ReplicaId{2}; }},
                         {"from nobody", [](Message& m) { m.from = kNoReplica; }},
                         {"from itself", [](Message& m) { m.from = ReplicaId{1}; }},
                         {"no term", [](Message& m) { m.term = Term{0}; }},
                         {"entry beyond the term", [](Message& m) { m.entries[1].term = Term{9}; }},
                         {"hole", [](Message& m) { m.entries[1].index = LogIndex{9}; }}}) {
    SCOPED_TRACE(c.name);
    DrivenNode node(3);
    Message message =
        AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{2}), LogIndex{0});
    c.spoil(message);
    EXPECT_EQ(node->Step(message).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(message.entries.size(), 2u);
    EXPECT_FALSE(node->HasReady());
    EXPECT_EQ(node->last_index(), LogIndex{0});
  }
}

TEST(RawNodeTest, StepEmptiesTheEntriesAndKeepsTheirCapacity) {
  DrivenNode node(3);
  Message message = AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{8}), LogIndex{0});
  const size_t capacity = message.entries.capacity();
  ASSERT_TRUE(node->Step(message).ok());
  EXPECT_TRUE(message.entries.empty());
  EXPECT_EQ(message.entries.capacity(), capacity);
  EXPECT_EQ(node->last_index(), LogIndex{8});
}

TEST(RawNodeTest, AcknowledgementBeyondTheLogIsRefused) {
  DrivenNode node(3);
  node.Lead();
  Message boast = Ack({}, LogIndex{2});
  EXPECT_EQ(node->Step(boast).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(node->commit_index(), LogIndex{0});
}

TEST(RawNodeTest, BatchesMustBeClosedInTurn) {
  DrivenNode node(3);
  EXPECT_DEATH(node->Advance(), "Advance without Ready");
  node->Campaign();
  node->Ready();
  EXPECT_DEATH(node->Ready(), "not closed by Advance");
}

TEST(RawNodeTest, OpenBatchStaysAsItIsWhenItsEntriesAreOverwritten) {
  DrivenNode node(3);
  Message first = AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{4}), LogIndex{2});
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{2}), LogIndex{0}));
  ASSERT_TRUE(node->Step(first).ok());
  const ReadyBatch& batch = node->Ready();
  ASSERT_EQ(batch.append.entries.size(), 2u);
  ASSERT_EQ(batch.apply.committed.size(), 2u);

  const EntryId second{.term = Term{1}, .index = LogIndex{2}};
  Message other = AppendFrom({.replica = 3, .term = 2}, second,
                             CommandsOf(Term{2}, LogIndex{3}, LogIndex{5}), LogIndex{2});
  ASSERT_TRUE(node->Step(other).ok());
  EXPECT_EQ(node->last_index(), LogIndex{5});
  for (uint64_t i = 0; i < 2; ++i) {
    EXPECT_EQ(batch.apply.committed[i].index, LogIndex{i + 1});
    EXPECT_EQ(batch.append.entries[i].id(), (EntryId{.term = Term{1}, .index = LogIndex{i + 3}}));
    EXPECT_EQ(batch.append.entries[i].payload.view(), absl::StrCat("e", i + 3));
  }
  node->Advance();
  ASSERT_EQ(node->Ready().append.entries.size(), 3u);
  EXPECT_EQ(batch.append.entries[0].id(), (EntryId{.term = Term{2}, .index = LogIndex{3}}));
}

TEST(RawNodeTest, EntriesOfAnOpenBatchAreNotCompacted) {
  RawNodeConfig config = ConfigOfOne();
  config.async_storage_writes = true;
  DrivenNode node(config, LogOf(3, InTerm(Term{1}, LogIndex{3}),
                                CommandsOf(Term{1}, LogIndex{1}, LogIndex{3})));
  const ReadyBatch& batch = node->Ready();
  ASSERT_EQ(batch.apply.committed.size(), 3u);
  node->Completed(batch.apply.done);
  const EntryId last{.term = Term{1}, .index = LogIndex{3}};
  node->SetSnapshot({.last = last, .configuration = Voters(3)});
  EXPECT_DEATH(node->Compact(LogIndex{3}), "the open batch holds it");
  node->Advance();
  node->Compact(LogIndex{3});
  EXPECT_EQ(node->log().base(), last);
}

TEST(RawNodeTest, VoteLeavesAfterItIsStored) {
  DrivenNode node(3);
  Message request = From({.term = 1}, MessageType::kVote);
  ASSERT_TRUE(node->Step(request).ok());
  const ReadyBatch& batch = node->Ready();
  EXPECT_TRUE(batch.append.must_sync);
  ASSERT_TRUE(batch.append.hard_state.has_value());
  EXPECT_EQ(batch.append.hard_state->vote, ReplicaId{2});
  EXPECT_TRUE(batch.messages.empty());
  ASSERT_EQ(batch.append.messages.size(), 1u);
  EXPECT_FALSE(batch.append.messages[0].reject);
}

TEST(RawNodeTest, AppendReplyLeavesAfterTheEntriesAreStored) {
  DrivenNode node(3);
  Message append = AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{1}), LogIndex{0});
  ASSERT_TRUE(node->Step(append).ok());
  const ReadyBatch& batch = node->Ready();
  EXPECT_TRUE(batch.append.must_sync);
  EXPECT_TRUE(batch.messages.empty());
  ASSERT_EQ(batch.append.messages.size(), 1u);
  EXPECT_EQ(batch.append.messages[0].log.index, LogIndex{1});
}

TEST(RawNodeTest, LeaderSendsEntriesBeforeItsOwnDiskHasThem) {
  DrivenNode node(3);
  node.Lead();
  node.Take(Ack({}, LogIndex{1}));
  ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  const ReadyBatch& batch = node->Ready();
  EXPECT_EQ(batch.append.entries.size(), 1u);
  ASSERT_FALSE(batch.messages.empty());
  EXPECT_EQ(batch.messages[0].entries.size(), 1u);
  EXPECT_TRUE(batch.append.messages.empty());
}

TEST(RawNodeTest, CommitAloneNeedsNoSync) {
  DrivenNode node(3);
  node.Take(AppendFrom({}, {}, CommandsOf(Term{1}, LogIndex{1}, LogIndex{1}), LogIndex{0}));
  Message heartbeat = From({}, MessageType::kHeartbeat);
  heartbeat.commit = LogIndex{1};
  ASSERT_TRUE(node->Step(heartbeat).ok());
  const ReadyBatch& batch = node->Ready();
  ASSERT_TRUE(batch.append.hard_state.has_value());
  EXPECT_EQ(batch.append.hard_state->commit, LogIndex{1});
  EXPECT_FALSE(batch.append.must_sync);
  EXPECT_EQ(batch.apply.committed.size(), 1u);
}

TEST(RawNodeTest, ProposalsBetweenBatchesTravelTogether) {
  DrivenNode node(3);
  node.Lead();
  node.Take(Ack({.replica = 2}, LogIndex{1}));
  node.Take(Ack({.replica = 3}, LogIndex{1}));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  const std::vector<Message> sent = node.Work();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].entries.size(), 10u);
  EXPECT_EQ(sent[1].entries.size(), 10u);
}

bool IsEmptyAppend(const Message& message) {
  return message.type == MessageType::kAppend && message.entries.empty();
}

TEST(RawNodeTest, CommitIsAnnouncedByAppendsWithoutEntriesUnlessItMayWait) {
  for (const bool announce : {true, false}) {
    SCOPED_TRACE(announce);
    RawNodeConfig config = ConfigOfOne();
    config.announce_commits = announce;
    DrivenNode node(config, 3);
    node.Lead();
    for (uint64_t peer : {2, 3}) node.Take(Ack({.replica = peer}, {1}));
    ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
    node.Work();
    const std::vector<Message> sent = node.Take(Ack({.replica = 2}, {2}));
    ASSERT_EQ(node->commit_index(), LogIndex{2});
    EXPECT_EQ(std::count_if(sent.begin(), sent.end(), IsEmptyAppend), announce ? 2 : 0);

    ASSERT_TRUE(node->Propose(BufferOf("b")).ok());
    const std::vector<Message> next = node.Work();
    ASSERT_EQ(next.size(), 2u);
    EXPECT_EQ(next[0].commit, LogIndex{2}) << "the next append tells of it";
    node->Tick();
    const std::vector<Message> heartbeats = node.Work();
    ASSERT_EQ(heartbeats.size(), 2u);
    EXPECT_EQ(heartbeats[0].type, MessageType::kHeartbeat);
    EXPECT_EQ(heartbeats[0].commit, LogIndex{2}) << "and so does a heartbeat";
  }
}

TEST(RawNodeTest, AppendsAreSplitBySize) {
  RawNodeConfig config = ConfigOfOne();
  config.max_append_bytes = 2 * (32 + 1);
  DrivenNode node(config, 2);
  node.Lead();
  node.Take(Ack({}, LogIndex{1}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(node->Propose(BufferOf("a")).ok());
  ASSERT_TRUE(node->Propose(BufferOf(std::string(500, 'x'))).ok());  // larger than the limit: alone
  const std::vector<Message> sent = node.Work();
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[0].entries.size(), 2u);
  EXPECT_EQ(sent[1].entries.size(), 1u);
  EXPECT_EQ(sent[2].entries.size(), 1u);
}

// How many different timeouts seven replicas draw, whose seeds are `seed_of` their ids.
size_t DistinctTimeouts(const std::function<uint64_t(uint64_t id)>& seed_of) {
  std::set<int> timeouts;
  for (uint64_t id = 1; id <= 7; ++id) {
    RawNodeConfig config = ConfigOfOne();
    config.election_ticks = 1000;
    config.id = ReplicaId{id};
    config.seed = seed_of(id);
    DrivenNode node(config, 7);
    int ticks = 0;
    while (node->role() == Role::kFollower) node->Tick(), ++ticks;
    EXPECT_GE(ticks, 1000);
    EXPECT_LT(ticks, 2000);
    timeouts.insert(ticks);
  }
  return timeouts.size();
}

TEST(RawNodeTest, ReplicasThatShareASeedDoNotShareTheirTimeouts) {
  EXPECT_GT(DistinctTimeouts([](uint64_t) { return 0; }), 4u);
}

// The obvious choice of a seed: two followers that notice a silent leader together must not stand
// together for ever.
TEST(RawNodeTest, ReplicasWhoseSeedIsTheirIdDoNotShareTheirTimeouts) {
  EXPECT_GT(DistinctTimeouts([](uint64_t id) { return id; }), 4u);
}

TEST(RawNodeTest, CampaignOnALeaderIsNothing) {
  DrivenNode node(3);
  node.Lead();
  node->Campaign();
  EXPECT_EQ(node->role(), Role::kLeader);
  EXPECT_TRUE(node.Work().empty());
}

TEST(RawNodeTest, UnreachablePeerIsProbed) {
  DrivenNode node(2);
  node.Lead();
  node.Take(Ack({}, LogIndex{1}));
  ASSERT_EQ(node->GetStatus().peers[0].state, ProgressState::kReplicate);
  node->ReportUnreachable(ReplicaId{99});  // nobody
  node->ReportUnreachable(ReplicaId{1});   // itself
  EXPECT_EQ(node->GetStatus().peers[0].state, ProgressState::kReplicate);
  node->ReportUnreachable(ReplicaId{2});
  EXPECT_EQ(node->GetStatus().peers[0].state, ProgressState::kProbe);
}

TEST(RawNodeTest, StatusTellsWhatTheNodeKnows) {
  DrivenNode node(3);
  node.Lead();
  node.Take(Ack({.replica = 3}, LogIndex{1}));
  const NodeStatus status = node->GetStatus();
  EXPECT_EQ(status.role, Role::kLeader);
  EXPECT_EQ(status.leader, ReplicaId{1});
  EXPECT_EQ(status.vote, ReplicaId{1});
  EXPECT_EQ(status.commit_index, LogIndex{1});
  EXPECT_EQ(status.handed_out_index, LogIndex{1});
  EXPECT_EQ(status.stable_index, LogIndex{1});
  EXPECT_EQ(status.campaigns, 1u);
  ASSERT_EQ(status.peers.size(), 2u);
  EXPECT_EQ(status.peers[0].id, ReplicaId{2});
  EXPECT_EQ(status.peers[0].paused, PauseReason::kProbeUnanswered);
  EXPECT_EQ(status.peers[1].match, LogIndex{1});
  EXPECT_TRUE(status.peers[1].recent_active);
}

TEST(RawNodeTest, AppliedEntriesAreHandedOutAgainAfterARestart) {
  DrivenNode node(ConfigOfOne(), LogOf(3, InTerm(Term{1}, LogIndex{2}),
                                       CommandsOf(Term{1}, LogIndex{1}, LogIndex{3})));
  EXPECT_EQ(node->role(), Role::kFollower);
  node.Work();
  ASSERT_EQ(node.applied().size(), 2u);
  EXPECT_EQ(node.applied()[0].index, LogIndex{1});
}

}  // namespace
}  // namespace blixard::raft
