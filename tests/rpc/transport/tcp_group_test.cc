// Three replicas that reach each other over TCP, each with its log on disk: the transport's threads
// are lent to the protocol, beside its own.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/wal.h"
#include "rpc/transport/tcp_socket.h"
#include "rpc/transport/tcp_transport.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::rpc {
namespace {

constexpr raft::ClusterId kCluster{7};
constexpr size_t kReplicas = 3;

// Remembers what it was given, in order.
class Journal : public raft::StatelessMachine {
 public:
  void Apply(raft::EntryId, absl::string_view payload, raft::OutcomeSink&) override {
    raft::PassThroughReader reader(payload);
    const std::lock_guard lock(mutex_);
    for (auto request = reader.Next(); request.value().has_value(); request = reader.Next()) {
      requests_.emplace_back(**request);
    }
  }

  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // guarded by mutex_
};

class AnswerCount : public raft::ProposalListener {
 public:
  void OnProposalEnd(const raft::RaftProposal&, raft::ProposalEnd end) override {
    (end == raft::ProposalEnd::kCommitted ? committed : others).fetch_add(1);
  }
  std::atomic<size_t> committed{0};
  std::atomic<size_t> others{0};
};

struct Member {
  ~Member() {
    if (replica != nullptr) replica->Stop();
    if (transport != nullptr) transport->Stop();
  }

  raft::MemoryFileSystem files;
  raft::PassThroughPlanner planner;
  Journal journal;
  std::unique_ptr<raft::Wal> wal;
  std::unique_ptr<TcpTransport> transport;
  std::unique_ptr<raft::Replica> replica;
};

class TcpGroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ReserveAddresses();
    for (size_t i = 0; i < kReplicas; ++i) Start(i);
  }

  // Ports that were free a moment ago.
  void ReserveAddresses() {
    std::vector<TcpSocket> held;
    for (size_t i = 0; i < kReplicas; ++i) {
      held.push_back(TcpSocket::Listen("127.0.0.1:0").value());
      addresses_[raft::ReplicaId{i + 1}] = held.back().LocalAddress();
    }
  }

  void Start(size_t i) {
    const raft::ReplicaId id{i + 1};
    Member& member = members_[i];
    auto opened = raft::Wal::Open(member.files, memory::BufferPool::Default(),
                                  {.directory = "/log", .cluster = kCluster, .replica = id});
    ASSERT_TRUE(opened.ok()) << opened.status();
    member.wal = std::move(opened->wal);
    auto transport =
        TcpTransport::Listen({.cluster = kCluster, .self = id, .addresses = addresses_});
    ASSERT_TRUE(transport.ok()) << transport.status();
    member.transport = *std::move(transport);
    raft::ReplicaConfig config;
    config.cluster = kCluster;
    config.id = id;
    config.seed = i;
    for (const auto& [voter, address] : addresses_) config.voters.push_back(voter);
    config.tick = absl::Milliseconds(20);
    config.election_ticks = 50;  // one leader, also where the machine is busy
    auto replica = raft::Replica::Start(config,
                                        {.storage = *member.wal,
                                         .transport = *member.transport,
                                         .planner = member.planner,
                                         .state_machine = member.journal},
                                        std::move(opened->recovered), nullptr);
    ASSERT_TRUE(replica.ok()) << replica.status();
    member.replica = *std::move(replica);
    member.transport->Serve(*member.replica);
  }

  // Retries until a leader takes it. False when none does for two minutes.
  bool Propose(const std::string& request, AnswerCount& answers) {
    for (int i = 0; i < 120'000; ++i) {
      for (Member& member : members_) {
        memory::Pooled<raft::RaftProposal> proposal = raft::AcquireRaftProposal();
        proposal->request = request;
        proposal->listener = &answers;
        if (member.replica->Propose(proposal).ok()) return true;
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
    return false;
  }

  template <class Condition>
  static bool Eventually(const Condition& holds) {
    for (int i = 0; i < 120'000 && !holds(); ++i) absl::SleepFor(absl::Milliseconds(1));
    return holds();
  }

  std::map<raft::ReplicaId, std::string> addresses_;
  AnswerCount answers_;  // outlives the replicas
  Member members_[kReplicas];
};

TEST_F(TcpGroupTest, EveryProposalIsAnsweredOnceAndAppliedInOneOrderEverywhere) {
  constexpr size_t kThreads = 3;
  constexpr size_t kPerThread = 300;
  std::vector<std::thread> proposers;
  for (size_t t = 0; t < kThreads; ++t) {
    proposers.emplace_back([this, t] {
      for (size_t i = 0; i < kPerThread; ++i) {
        EXPECT_TRUE(Propose(absl::StrCat(t, "/", i), answers_));
      }
    });
  }
  for (std::thread& proposer : proposers) proposer.join();
  ASSERT_TRUE(
      Eventually([&] { return answers_.committed + answers_.others == kThreads * kPerThread; }));
  if (answers_.others == 0) {
    for (Member& member : members_) {
      EXPECT_TRUE(
          Eventually([&] { return member.journal.requests().size() == kThreads * kPerThread; }));
    }
  }
  const std::vector<std::string> first = members_[0].journal.requests();
  const std::set<std::string> distinct(first.begin(), first.end());
  EXPECT_EQ(distinct.size(), first.size());
  for (Member& member : members_) {
    EXPECT_TRUE(Eventually([&] { return member.journal.requests() == first; }));
  }
}

TEST_F(TcpGroupTest, GroupGoesOnWithoutOneOfThem) {
  ASSERT_TRUE(Propose("before", answers_));
  ASSERT_TRUE(Eventually([&] { return answers_.committed == 1; }));
  size_t leader = 0;
  while (members_[leader].replica->leader() != raft::ReplicaId{leader + 1}) {
    leader = (leader + 1) % kReplicas;
  }
  const size_t stopped = (leader + 1) % kReplicas;
  members_[stopped].replica->Stop();
  members_[stopped].transport->Stop();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Propose(absl::StrCat(i), answers_));
  EXPECT_TRUE(Eventually([&] { return answers_.committed + answers_.others == 101; }));
}

// Stop may come at any moment, also while a transport's thread is lent to the protocol.
TEST_F(TcpGroupTest, StopUnderLoadAnswersEverything) {
  size_t taken = 0;
  for (int i = 0; i < 300; ++i) taken += Propose(absl::StrCat(i), answers_) ? 1 : 0;
  for (Member& member : members_) member.replica->Stop();
  EXPECT_EQ(answers_.committed + answers_.others, taken);
}

}  // namespace
}  // namespace blixard::rpc
