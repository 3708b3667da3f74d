// What the loop does when disk or network let it down, one round at a time. Each of these was found
// by simulation before.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/raw_node.h"
#include "raft/runtime/applier.h"
#include "raft/runtime/log_writer.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/replica_loop.h"
#include "raft/runtime/snapshot_saver.h"
#include "raft/runtime/write_pace.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"

namespace blixard::raft {
namespace {

constexpr ClusterId kCluster{7};
constexpr ReplicaId kSelf{1}, kPeer{2};

class DeafMachine final : public StatelessMachine {
 public:
  void Apply(EntryId, absl::string_view, OutcomeSink&) override {}
};

class KeptMessages final : public Transport {
 public:
  void Send(const Message& message) override { messages.push_back(message); }
  void Flush() override {}
  size_t CountOf(MessageType type) const {
    return static_cast<size_t>(
        std::count_if(messages.begin(), messages.end(),
                      [type](const Message& message) { return message.type == type; }));
  }
  std::vector<Message> messages;
};

class NoClock final : public StageClock {
 public:
  uint64_t NowNanoseconds() override { return 0; }
};

struct KeptEnds final : ProposalListener, ReadListener {
  void OnProposalEnd(const RaftProposal&, ProposalEnd end) override { proposals.push_back(end); }
  void OnReadEnd(uint64_t, ReadEnd end, LogIndex) override { reads.push_back(end); }
  std::vector<ProposalEnd> proposals;
  std::vector<ReadEnd> reads;
};

class ReplicaLoopFaultsTest : public testing::Test {
 protected:
  explicit ReplicaLoopFaultsTest(std::vector<ReplicaId> voters = {kSelf})
      : config_{.cluster = kCluster, .id = kSelf, .voters = std::move(voters)} {
    absl::StatusOr<OpenedWal> log =
        Wal::Open(disk_, memory::BufferPool::Default(),
                  {.directory = "/wal", .cluster = kCluster, .replica = kSelf});
    EXPECT_TRUE(log.ok()) << log.status();
    wal_ = std::move(log->wal);
    absl::StatusOr<std::unique_ptr<SnapshotStore>> store =
        SnapshotStore::Open(disk_, {.directory = "/snapshots", .cluster = kCluster});
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    RestoredLog restored;
    restored.snapshot.configuration.voters = config_.voters;
    absl::StatusOr<std::unique_ptr<RawNode>> node = RawNode::Create(
        {.cluster = kCluster, .id = kSelf, .async_storage_writes = true}, std::move(restored));
    EXPECT_TRUE(node.ok()) << node.status();
    loop_ = std::make_unique<ReplicaLoop>(config_, *std::move(node),
                                          ReplicaLoopParts{.transport = transport_,
                                                           .planner = planner_,
                                                           .latencies = latencies_,
                                                           .snapshots = store_.get()});
    writer_ = std::make_unique<LogWriter>(*wal_, transport_, latencies_);
    applier_ = std::make_unique<Applier>(machine_, EntryId{}, latencies_);
  }

  // A round, and all work that comes of it and of those before it.
  absl::Status Run(uint64_t ticks = 0) {
    absl::Status status = loop_->Round(batch_, ticks);
    while (status.ok() && (!loop_->appends().empty() || !loop_->applies().empty())) {
      writer_->Write(loop_->appends());
      batch_.appended.swap(loop_->appends());
      for (std::unique_ptr<ApplyWork>& work : loop_->applies()) applier_->Run(*work);
      batch_.applied.swap(loop_->applies());
      status = loop_->Round(batch_, 0);
    }
    return status;
  }

  // Alone in its group.
  void Lead() {
    batch_.requests.push_back({.kind = ReplicaRequest::Kind::kCampaign});
    ASSERT_TRUE(Run().ok());
    ASSERT_EQ(loop_->node().role(), Role::kLeader);
  }

  // What a replica that knows no group yet says to `message`.
  void AnswerBlank(const Message& message) {
    const bool append = message.type == MessageType::kAppend;
    if (!append && message.type != MessageType::kHeartbeat) return;
    memory::Pooled<Message> reply = AcquireMessage();
    *reply = Message{};
    reply->type = append ? MessageType::kAppendReply : MessageType::kHeartbeatReply;
    reply->cluster = kCluster;
    reply->from = message.to;
    reply->to = kSelf;
    reply->term = message.term;
    reply->reject = true;
    reply->rejected_index = message.log.index;
    reply->context = message.context;
    reply->wants_snapshot = append;
    batch_.messages.push_back(std::move(reply));
  }

  void HoldSnapshot(uint64_t index, uint64_t term) {
    ASSERT_TRUE(WriteSnapshot(*store_, MetaOf(index, term), "").ok());
  }

  void Propose() {
    memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
    proposal->request = "request";
    proposal->listener = &ends_;
    batch_.proposals.push_back(std::move(proposal));
  }

  const ReplicaConfig config_;
  MemoryFileSystem disk_;
  std::unique_ptr<LogStorage> wal_;
  std::unique_ptr<SnapshotStore> store_;
  KeptMessages transport_;
  PassThroughPlanner planner_;
  NoClock clock_;
  StageLatencies latencies_{clock_};
  DeafMachine machine_;
  std::unique_ptr<ReplicaLoop> loop_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Applier> applier_;
  Inbox::Batch batch_;
  KeptEnds ends_;
};

TEST_F(ReplicaLoopFaultsTest, WhatComesWithTheNewsOfAFailedDiskIsRefused) {
  Lead();
  Propose();
  ASSERT_TRUE(loop_->Round(batch_, 0).ok());
  disk_.FailSync(1);
  writer_->Write(loop_->appends());
  batch_.appended.swap(loop_->appends());
  Propose();
  batch_.reads.push_back({.listener = &ends_, .token = 1});
  std::optional<absl::Status> asked;
  batch_.requests.push_back({.kind = ReplicaRequest::Kind::kForgetLeader,
                             .done = [&asked](const absl::Status& status) { asked = status; }});
  const absl::Status failed = loop_->Round(batch_, 0);
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(ends_.proposals, std::vector<ProposalEnd>{ProposalEnd::kRefused});
  EXPECT_EQ(ends_.reads, std::vector<ReadEnd>{ReadEnd::kRefused});
  EXPECT_EQ(asked, failed);
  loop_->EndAll();
  EXPECT_EQ(ends_.proposals,
            (std::vector<ProposalEnd>{ProposalEnd::kRefused, ProposalEnd::kUnknown}));
}

TEST_F(ReplicaLoopFaultsTest, HowTheGroupBeganIsToldAgainWhenItWasLost) {
  Lead();
  batch_.requests.push_back(
      {.kind = ReplicaRequest::Kind::kChangeMembers,
       .change = {.changes = {{.type = MemberChangeType::kAddLearner, .id = kPeer}}}});
  ASSERT_TRUE(Run().ok());
  size_t answered = 0;
  for (int tick = 0; tick < 10; ++tick) {
    while (answered < transport_.messages.size()) AnswerBlank(transport_.messages[answered++]);
    ASSERT_TRUE(Run(1).ok());
  }
  EXPECT_GE(transport_.CountOf(MessageType::kSnapshot), 2u) << "none of them arrived";
}

// Three entries; a picture of them is taken and waits to be written.
class SnapshotLoopTest : public ReplicaLoopFaultsTest {
 protected:
  void SetUp() override {
    Lead();
    for (int i = 0; i < 2; ++i) Propose();
    batch_.requests.push_back({.kind = ReplicaRequest::Kind::kTakeSnapshot});
    ASSERT_TRUE(Run().ok());
    ASSERT_EQ(loop_->snapshot_orders().size(), 1u);
    own_ = loop_->snapshot_orders()[0].meta.last;
  }

  void SaveIt() {
    UnlimitedWritePace pace;
    SnapshotSaver saver(*store_, pace);
    batch_.snapshot_events.push_back(saver.CarryOut(loop_->snapshot_orders()[0]));
    loop_->snapshot_orders().clear();
    ASSERT_TRUE(Run().ok());
  }

  EntryId own_;
};

// A leader brought them, and its word, without which they are not installed, was lost: the log
// knows nothing of what they hold.
TEST_F(SnapshotLoopTest, LaterSnapshotsInTheStoreKeepTheLogAsItIs) {
  HoldSnapshot(1000, 2);
  HoldSnapshot(2000, 2);
  SaveIt();
  EXPECT_EQ(loop_->node().snapshot().last, EntryId{}) << "it does not stand on the disk";
}

TEST_F(SnapshotLoopTest, ALaterSnapshotInTheStoreIsNotTheOneThatTheLogGoesOnFrom) {
  HoldSnapshot(1000, 2);
  SaveIt();
  EXPECT_EQ(store_->newest()->last, MetaOf(1000, 2).last);
  EXPECT_EQ(loop_->node().snapshot().last, EntryId{}) << "nor was it ever written";
}

TEST_F(SnapshotLoopTest, ALaterSnapshotThatCameBehindItLetsTheLogGoOnFromIt) {
  UnlimitedWritePace pace;
  SnapshotSaver saver(*store_, pace);
  SnapshotEvent event = saver.CarryOut(loop_->snapshot_orders()[0]);
  loop_->snapshot_orders().clear();
  HoldSnapshot(1000, 2);
  batch_.snapshot_events.push_back(std::move(event));
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(loop_->node().snapshot().last, own_);
}

TEST_F(SnapshotLoopTest, WithoutOthersItIsTheNodesOwn) {
  SaveIt();
  EXPECT_EQ(loop_->node().snapshot().last, own_);
}

class FollowerLoopTest : public ReplicaLoopFaultsTest {
 protected:
  FollowerLoopTest() : ReplicaLoopFaultsTest({kSelf, kPeer, ReplicaId{3}}) {}

  // The leader of term 1 has committed as many entries as that.
  void TellOfEntries(uint64_t count) {
    memory::Pooled<Message> message = AcquireMessage();
    *message = Message{};
    message->type = MessageType::kAppend;
    message->cluster = kCluster;
    message->from = kPeer;
    message->to = kSelf;
    message->term = Term{1};
    message->commit = LogIndex{count};
    for (uint64_t index = 1; index <= count; ++index) {
      Entry& entry = message->entries.emplace_back();
      entry.term = Term{1};
      entry.index = LogIndex{index};
    }
    batch_.messages.push_back(std::move(message));
    ASSERT_TRUE(Run().ok());
    ASSERT_EQ(loop_->applied(), LogIndex{count});
  }

  void TellOfSnapshot(uint64_t index, uint64_t term) {
    memory::Pooled<Message> message = AcquireMessage();
    *message = Message{};
    message->type = MessageType::kSnapshot;
    message->cluster = kCluster;
    message->from = kPeer;
    message->to = kSelf;
    message->term = Term{term};
    message->log = MetaOf(index).last;
    message->payload =
        *memory::BufferPool::Default().AcquireCopy(Encode(MetaOf(index).configuration));
    batch_.messages.push_back(std::move(message));
    ASSERT_TRUE(loop_->Round(batch_, 0).ok());
  }

  std::optional<EntryId> Installing() {
    for (const std::unique_ptr<AppendWork>& work : loop_->appends()) {
      if (work->snapshot.has_value()) return work->snapshot->last;
    }
    return std::nullopt;
  }
};

TEST_F(FollowerLoopTest, ASnapshotThatIsNotHereYetIsNotInstalled) {
  HoldSnapshot(20, 1);
  TellOfSnapshot(30, 2);
  EXPECT_EQ(Installing(), std::nullopt);
}

TEST_F(FollowerLoopTest, ASnapshotThatIsHereIsInstalled) {
  HoldSnapshot(20, 1);
  TellOfSnapshot(20, 2);
  EXPECT_EQ(Installing(), MetaOf(20).last);
}

// The exchange answers a leader whose snapshot is older that there is nothing to send.
TEST_F(FollowerLoopTest, SnapshotBeingInstalledIsNeededNoLongerByItsName) {
  HoldSnapshot(20, 1);
  TellOfSnapshot(20, 2);
  HoldSnapshot(30, 2);
  HoldSnapshot(40, 2);
  ASSERT_TRUE(absl::IsNotFound(store_->Open(MetaOf(20).last).status())) << "the store keeps two";
  EXPECT_EQ(Run(), absl::OkStatus());
  EXPECT_EQ(loop_->applied(), LogIndex{20});
}

// No leader says a word of them any more: the log has all they hold.
TEST_F(FollowerLoopTest, SnapshotsThatTheLogHasOvertakenAreTheNodesOwn) {
  for (uint64_t index : {10, 15}) HoldSnapshot(index, 1);
  TellOfEntries(20);
  ASSERT_TRUE(Run(config_.election_ticks).ok());
  EXPECT_EQ(loop_->node().snapshot().last, MetaOf(15).last);
}

TEST_F(FollowerLoopTest, SnapshotsOfWhatIsNotAppliedYetAreNot) {
  for (uint64_t index : {15, 21}) HoldSnapshot(index, 1);
  TellOfEntries(20);
  ASSERT_TRUE(Run(config_.election_ticks).ok());
  EXPECT_EQ(loop_->node().snapshot().last, MetaOf(15).last);
}

TEST_F(FollowerLoopTest, OfSnapshotsToInstallNoMoreThanTwoAreUnderWay) {
  for (uint64_t index : {20, 30, 40}) {
    HoldSnapshot(index, 1);
    TellOfSnapshot(index, 2);
  }
  EXPECT_EQ(loop_->node().snapshot().last, MetaOf(30).last);
  EXPECT_EQ(Run(), absl::OkStatus());
  EXPECT_EQ(loop_->applied(), LogIndex{30});
  TellOfSnapshot(40, 2);
  EXPECT_EQ(Run(), absl::OkStatus());
  EXPECT_EQ(loop_->applied(), LogIndex{40});
}

TEST_F(FollowerLoopTest, ALaterSnapshotThanTheLeadersServesInItsPlace) {
  HoldSnapshot(20, 1);
  TellOfSnapshot(15, 2);
  EXPECT_EQ(Installing(), MetaOf(20).last);
}

TEST_F(FollowerLoopTest, ALeaderOfAnEarlierTermThanTheSnapshotHereSaysNothingAboutIt) {
  HoldSnapshot(20, 5);
  TellOfSnapshot(15, 2);
  EXPECT_EQ(Installing(), std::nullopt);
}

}  // namespace
}  // namespace blixard::raft
