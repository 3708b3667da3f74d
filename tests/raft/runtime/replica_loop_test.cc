// A loop whose disk, state machine and snapshots are carried out by the test, step by step.
#include "raft/runtime/replica_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/message.h"
#include "raft/runtime/applier.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/snapshot_saver.h"
#include "raft/runtime/write_pace.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"

namespace blixard::raft {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NoTransport : public Transport {
  void Send(const Message&) override {}
  void Flush() override {}
};

class NoClock : public StageClock {
  uint64_t NowNanoseconds() override { return 0; }
};

class CountingMachine : public StatelessMachine {
 public:
  void Apply(EntryId, absl::string_view, OutcomeSink&) override { ++applied_; }
  size_t applied() const { return applied_; }

 private:
  size_t applied_ = 0;
};

class Answers : public ProposalListener, public ReadListener {
 public:
  void OnProposalEnd(const RaftProposal&, ProposalEnd end) override { proposals.push_back(end); }
  void OnReadEnd(uint64_t, ReadEnd end, LogIndex) override { reads.push_back(end); }

  std::vector<ProposalEnd> proposals;
  std::vector<ReadEnd> reads;
};

// Of a group of one, in office.
class ReplicaLoopTest : public ::testing::Test {
 protected:
  ReplicaLoopTest()
      : store_(SnapshotStore::Open(files_, {.directory = "/snapshots", .cluster = config_.cluster})
                   .value()),
        applier_(state_machine_, EntryId{}, latencies_) {
    config_.snapshot_entries = 10;
    RestoredLog restored;
    restored.snapshot.configuration.voters = config_.voters;
    auto node = RawNode::Create(
                    {.cluster = config_.cluster, .id = config_.id, .async_storage_writes = true},
                    std::move(restored))
                    .value();
    node->Campaign();
    loop_.emplace(config_, std::move(node),
                  ReplicaLoopParts{.transport = transport_,
                                   .planner = planner_,
                                   .latencies = latencies_,
                                   .snapshots = store_.get()});
    Settle();
  }

  void Propose(const std::string& request = "x") {
    memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
    proposal->request = request;
    proposal->listener = &answers_;
    batch_.proposals.push_back(std::move(proposal));
  }
  void Read() { batch_.reads.push_back({.listener = &answers_}); }
  void Ask(ReplicaRequest::Kind kind) {
    ReplicaRequest request{.kind = kind};
    request.done = [this](const absl::Status& end) { requests_.push_back(end); };
    batch_.requests.push_back(std::move(request));
  }

  absl::Status Round() { return loop_->Round(batch_, 0); }

  // Stores what was given out, as `disk` says.
  void Store(const absl::Status& disk = absl::OkStatus()) {
    for (const std::unique_ptr<AppendWork>& work : loop_->appends()) {
      work->status = disk;
      if (work->compact_through) compacted_.push_back(*work->compact_through);
    }
    batch_.appended.swap(loop_->appends());
  }
  void Apply() {
    for (const std::unique_ptr<ApplyWork>& work : loop_->applies()) applier_.Run(*work);
    batch_.applied.swap(loop_->applies());
  }
  // Until nothing is left but orders of snapshots.
  void Settle() {
    do {
      ASSERT_TRUE(Round().ok());
      Store();
      Apply();
    } while (!batch_.appended.empty() || !batch_.applied.empty());
  }
  void SaveSnapshots() {
    UnlimitedWritePace pace;
    SnapshotSaver saver(*store_, pace);
    for (SnapshotOrder& order : std::exchange(loop_->snapshot_orders(), {})) {
      batch_.snapshot_events.push_back(saver.CarryOut(order));
    }
  }
  void ProposeMany(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      Propose();
      Settle();
    }
  }

  ReplicaConfig config_{.cluster = ClusterId{7}, .id = ReplicaId{1}, .voters = {ReplicaId{1}}};
  MemoryFileSystem files_;
  std::unique_ptr<SnapshotStore> store_;
  NoTransport transport_;
  PassThroughPlanner planner_;
  NoClock clock_;
  StageLatencies latencies_{clock_};
  CountingMachine state_machine_;
  Applier applier_;
  Answers answers_;
  std::vector<absl::Status> requests_;
  std::vector<EntryId> compacted_;
  Inbox::Batch batch_;
  std::optional<ReplicaLoop> loop_;
};

TEST_F(ReplicaLoopTest, ProposalIsStoredThenAppliedThenAnswered) {
  Propose();
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(loop_->appends().size(), 1u);
  EXPECT_THAT(loop_->applies(), IsEmpty()) << "a lone voter's entry is committed by its disk";
  Store();
  EXPECT_THAT(answers_.proposals, IsEmpty());
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(loop_->applies().size(), 1u);
  EXPECT_EQ(state_machine_.applied(), 0u);
  Apply();
  EXPECT_THAT(answers_.proposals, ElementsAre(ProposalEnd::kCommitted));
}

TEST_F(ReplicaLoopTest, WorkThatIsOutKeepsLaterWorkFromOvertakingIt) {
  Propose();
  ASSERT_TRUE(Round().ok());
  EXPECT_TRUE(loop_->appends_are_alone());
  AppendWorks out;
  out.swap(loop_->appends());
  Propose();
  ASSERT_TRUE(Round().ok());
  EXPECT_FALSE(loop_->appends_are_alone());
  batch_.appended.swap(out);
  Settle();
  EXPECT_EQ(answers_.proposals.size(), 2u);
}

TEST_F(ReplicaLoopTest, FailedDiskOfTheLogEndsIt) {
  Propose();
  ASSERT_TRUE(Round().ok());
  Store(absl::DataLossError("fdatasync: Input/output error"));
  Propose();
  Read();
  Ask(ReplicaRequest::Kind::kForgetLeader);
  const absl::Status failed = Round();
  EXPECT_EQ(failed, absl::DataLossError("fdatasync: Input/output error"));
  EXPECT_THAT(answers_.proposals, ElementsAre(ProposalEnd::kRefused)) << "what came with the news";
  EXPECT_THAT(answers_.reads, ElementsAre(ReadEnd::kRefused));
  EXPECT_THAT(requests_, ElementsAre(failed));
  loop_->EndAll();
  EXPECT_THAT(answers_.proposals, ElementsAre(ProposalEnd::kRefused, ProposalEnd::kUnknown));
}

// Another thread may have run the round that failed, while these came in.
TEST_F(ReplicaLoopTest, WhatComesAfterAFailureIsAnsweredAsWell) {
  Propose();
  ASSERT_TRUE(Round().ok());
  Store(absl::DataLossError("gone"));
  const absl::Status failed = Round();
  Propose();
  Read();
  Ask(ReplicaRequest::Kind::kForgetLeader);
  EXPECT_EQ(Round(), failed);
  EXPECT_THAT(answers_.proposals, ElementsAre(ProposalEnd::kRefused));
  EXPECT_THAT(answers_.reads, ElementsAre(ReadEnd::kRefused));
  EXPECT_THAT(requests_, ElementsAre(failed));
  EXPECT_THAT(batch_.proposals, IsEmpty());
  EXPECT_THAT(loop_->appends(), IsEmpty()) << "the disk is touched no more";
}

TEST_F(ReplicaLoopTest, FailedDiskOfTheSnapshotsEndsItAndSaysSo) {
  Ask(ReplicaRequest::Kind::kTakeSnapshot);
  Settle();
  files_.FailSync(1);
  SaveSnapshots();
  Propose();
  const absl::Status failed = Round();
  EXPECT_FALSE(failed.ok());
  EXPECT_THAT(std::string(failed.message()), HasSubstr("snapshots: /snapshots/"));
  EXPECT_THAT(answers_.proposals, ElementsAre(ProposalEnd::kRefused));
}

TEST_F(ReplicaLoopTest, FullDiskOfTheSnapshotsPutsThemOff) {
  files_.set_capacity_bytes(0);
  ProposeMany(10);
  ASSERT_EQ(loop_->snapshot_orders().size(), 1u);
  SaveSnapshots();
  ProposeMany(8);
  EXPECT_THAT(loop_->snapshot_orders(), IsEmpty()) << "not again at once";
  EXPECT_EQ(loop_->Status().counters.snapshots.failed, 1u);
  EXPECT_EQ(loop_->Status().counters.snapshots.taken, 0u);
  files_.set_capacity_bytes(UINT64_MAX);
  ProposeMany(2);
  ASSERT_EQ(loop_->snapshot_orders().size(), 1u);
  SaveSnapshots();
  Settle();
  EXPECT_EQ(store_->newest()->last.index, loop_->node().snapshot().last.index);
  EXPECT_EQ(answers_.proposals.size(), 20u);
  EXPECT_EQ(loop_->Status().counters.snapshots.failed, 1u);
  EXPECT_EQ(loop_->Status().counters.snapshots.taken, 1u);
}

// A burst that ends while a snapshot is written must not leave its log to the next burst.
TEST_F(ReplicaLoopTest, OneThatFellDueWhileAnotherWasWrittenIsTakenAtItsEnd) {
  ProposeMany(10);
  ASSERT_EQ(loop_->snapshot_orders().size(), 1u);
  ProposeMany(11);
  ASSERT_EQ(loop_->snapshot_orders().size(), 1u) << "one at a time";
  SaveSnapshots();
  Settle();
  ASSERT_EQ(loop_->snapshot_orders().size(), 1u);
  EXPECT_EQ(loop_->snapshot_orders()[0].meta.last.index, loop_->node().applied_index());
  ProposeMany(8);
  SaveSnapshots();
  Settle();
  EXPECT_THAT(loop_->snapshot_orders(), IsEmpty()) << "too few came meanwhile";
}

TEST_F(ReplicaLoopTest, SnapshotsForPeersAreCountedByTheirEnd) {
  for (const absl::Status& end : {absl::OkStatus(), absl::UnavailableError("silent")}) {
    SnapshotEvent event{.kind = SnapshotEvent::Kind::kDelivered};
    event.peer = ReplicaId{2};
    event.status = end;
    batch_.snapshot_events.push_back(std::move(event));
    Settle();
    EXPECT_EQ(loop_->Status().counters.snapshots.sent, 1u);
    EXPECT_EQ(loop_->Status().counters.snapshots.not_sent, end.ok() ? 0u : 1u);
  }
}

TEST_F(ReplicaLoopTest, OneSnapshotIsUnderWayAtATime) {
  ProposeMany(25);
  ASSERT_EQ(loop_->snapshot_orders().size(), 1u);
  Ask(ReplicaRequest::Kind::kTakeSnapshot);
  Settle();
  EXPECT_EQ(loop_->snapshot_orders().size(), 1u);
  EXPECT_THAT(requests_, ElementsAre(absl::OkStatus()));
  SaveSnapshots();
  Settle();
  ProposeMany(1);
  EXPECT_EQ(loop_->snapshot_orders().size(), 1u) << "the next one was due meanwhile";
}

// Should the newest turn out damaged, the older one and the log make the state.
TEST_F(ReplicaLoopTest, LogOnDiskGoesOnFromTheOlderOfTwoSnapshots) {
  std::vector<EntryId> taken;
  for (int i = 0; i < 3; ++i) {
    ProposeMany(10);
    SaveSnapshots();
    Settle();
    taken.push_back(store_->newest()->last);
  }
  EXPECT_THAT(compacted_, ElementsAre(taken[0], taken[1]));
}

// Data come another way; before they are durable the message means nothing.
TEST_F(ReplicaLoopTest, SnapshotMessageWithoutItsDataIsDropped) {
  const auto snapshot_of = [](uint64_t index) {
    memory::Pooled<Message> message = AcquireMessage();
    message->type = MessageType::kSnapshot;
    message->cluster = ClusterId{7};
    message->from = ReplicaId{2};
    message->to = ReplicaId{1};
    message->term = Term{9};
    message->log = MetaOf(index, 8).last;
    const std::string members = Encode(MetaOf(index).configuration);
    message->payload = memory::BufferPool::Default().AcquireCopy(members).value();
    return message;
  };
  batch_.messages.push_back(snapshot_of(50));
  Settle();
  EXPECT_EQ(loop_->node().term(), Term{1});
  ASSERT_TRUE(WriteSnapshot(*store_, MetaOf(50, 8), "").ok());
  batch_.messages.push_back(snapshot_of(50));
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(loop_->node().term(), Term{9});
  ASSERT_EQ(loop_->appends().size(), 1u);
  EXPECT_EQ(loop_->appends()[0]->snapshot->last, MetaOf(50, 8).last);
}

TEST_F(ReplicaLoopTest, EndAllEndsEverythingOnce) {
  Propose();
  ASSERT_TRUE(Round().ok());  // in the log, not stored
  loop_->EndAll();
  EXPECT_THAT(answers_.proposals, ElementsAre(ProposalEnd::kUnknown));
  loop_->EndAll();
  EXPECT_EQ(answers_.proposals.size(), 1u);
}

// Leads alone: replica 2 was a voter when the snapshot was taken, and was removed since.
class ReturnedVoterTest : public ReplicaLoopTest {
 protected:
  ReturnedVoterTest() {
    RestoredLog restored;
    restored.hard_state = {.term = Term{1}, .commit = LogIndex{2}};
    restored.snapshot.last = {.term = Term{1}, .index = LogIndex{1}};
    restored.snapshot.configuration.voters = {ReplicaId{1}, kReturned};
    restored.applied = LogIndex{1};
    memory::Buffer removal = *memory::BufferPool::Default().AcquireCopy(Encode(
        ConfigurationChange{.changes = {{.type = MemberChangeType::kRemove, .id = kReturned}}}));
    const uint32_t crc = PayloadCrc32c(removal.view());
    restored.entries.push_back({.term = Term{1},
                                .index = LogIndex{2},
                                .type = EntryType::kConfiguration,
                                .payload_crc32c = crc,
                                .payload = std::move(removal)});
    config_.snapshot_entries = 1000;
    auto node = RawNode::Create({.cluster = config_.cluster,
                                 .id = config_.id,
                                 .max_new_voter_lag = 1000,
                                 .async_storage_writes = true},
                                std::move(restored))
                    .value();
    loop_.emplace(config_, std::move(node),
                  ReplicaLoopParts{.transport = peers_,
                                   .planner = planner_,
                                   .latencies = latencies_,
                                   .snapshots = store_.get()});
    Settle();
    Ask(ReplicaRequest::Kind::kCampaign);
    Settle();
  }

  // Replica 2, with an empty disk, answers what it was sent.
  void AnswerBlank() {
    for (const Message& sent : std::exchange(peers_.messages, {})) {
      if (sent.type != MessageType::kAppend) continue;
      memory::Pooled<Message> reply = AcquireMessage();
      *reply = Message{};
      reply->type = MessageType::kAppendReply;
      reply->cluster = config_.cluster;
      reply->from = kReturned;
      reply->to = config_.id;
      reply->term = sent.term;
      reply->reject = true;
      reply->rejected_index = sent.log.index;
      reply->context = sent.context;
      reply->wants_snapshot = true;
      batch_.messages.push_back(std::move(reply));
    }
  }

  struct KeptMessages final : Transport {
    void Send(const Message& message) override { messages.push_back(message); }
    void Flush() override {}
    std::vector<Message> messages;
  };

  KeptMessages peers_;
  static constexpr ReplicaId kReturned{2};
};

TEST_F(ReturnedVoterTest, OneSnapshotOfAfterItsRemovalIsTakenForIt) {
  ASSERT_EQ(loop_->node().role(), Role::kLeader);
  batch_.requests.push_back(
      {.kind = ReplicaRequest::Kind::kChangeMembers,
       .change = {.changes = {{.type = MemberChangeType::kAddLearner, .id = kReturned}}}});
  Settle();
  for (uint32_t tick = 0; tick <= config_.election_ticks; ++tick) {
    AnswerBlank();
    ASSERT_TRUE(loop_->Round(batch_, 1).ok());
    Store();
    Settle();
  }
  ASSERT_EQ(loop_->snapshot_orders().size(), 1u);
  SaveSnapshots();
  Settle();
  EXPECT_EQ(loop_->node().snapshot().last.index, loop_->node().applied_index());
  EXPECT_THAT(loop_->snapshot_orders(), IsEmpty()) << "the one that was written is enough";
}

}  // namespace
}  // namespace blixard::raft
