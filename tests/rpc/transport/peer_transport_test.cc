// Two halves of a connection over a real socket: what one replica sends arrives at the other, and
// what is meant for another cluster does not.
#include "rpc/transport/peer_transport.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "raft/core/configuration.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/wal.h"
#include "rpc/daemon/reserved_port.h"
#include "rpc/transport/peer_service.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::rpc {
namespace {

class NoTransport : public raft::Transport {
  void Send(const raft::Message&) override {}
  void Flush() override {}
};

class NoStateMachine : public raft::StatelessMachine {
  void Apply(raft::EntryId, absl::string_view, raft::OutcomeSink&) override {}
};

// Replica 2 of 2 of cluster 5, which hears replica 1 through a PeerService.
class PeerTransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto port = ReservedPort::Take();
    ASSERT_TRUE(port.ok());
    port_.emplace(*std::move(port));
    auto opened =
        raft::Wal::Open(files_, memory::BufferPool::Default(),
                        {.directory = "/log", .cluster = kCluster, .replica = raft::ReplicaId{2}});
    ASSERT_TRUE(opened.ok()) << opened.status();
    wal_ = std::move(opened->wal);
    auto replica = raft::Replica::Start({.cluster = kCluster,
                                         .id = raft::ReplicaId{2},
                                         .voters = {raft::ReplicaId{1}, raft::ReplicaId{2}},
                                         .tick = absl::Hours(1)},
                                        {.storage = *wal_,
                                         .transport = no_transport_,
                                         .planner = planner_,
                                         .state_machine = state_machine_},
                                        std::move(opened->recovered), nullptr);
    ASSERT_TRUE(replica.ok()) << replica.status();
    replica_ = *std::move(replica);
    StartServer();
  }

  void TearDown() override { StopServer(); }

  void StartServer() {
    service_ =
        std::make_unique<PeerService>(kCluster, raft::ReplicaId{2}, *replica_,
                                      [this](raft::ReplicaId peer, absl::string_view address) {
                                        const std::lock_guard lock(heard_mutex_);
                                        heard_[peer] = std::string(address);
                                      });
    grpc::ServerBuilder builder;
    builder.AddListeningPort(port_->address(), grpc::InsecureServerCredentials());
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }

  void StopServer() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  std::unique_ptr<PeerTransport> Connect(raft::ClusterId cluster) {
    return std::make_unique<PeerTransport>(
        cluster, raft::ReplicaId{1},
        std::map<raft::ReplicaId, std::string>{{raft::ReplicaId{1}, "127.0.0.1:1"},
                                               {raft::ReplicaId{2}, port_->address()}},
        [this](raft::ReplicaId) { ++unreachable_; });
  }

  // Sends heartbeats of ever higher terms until replica 2 has taken one; its term tells.
  bool ReachesTheReplica(PeerTransport& transport, raft::ClusterId cluster) {
    for (int i = 0; i < 24'000; ++i) {
      raft::Message heartbeat;
      heartbeat.type = raft::MessageType::kHeartbeat;
      heartbeat.cluster = cluster;
      heartbeat.from = raft::ReplicaId{1};
      heartbeat.to = raft::ReplicaId{2};
      heartbeat.term = raft::Term{++term_};
      transport.Send(heartbeat);
      transport.Flush();
      absl::SleepFor(absl::Milliseconds(5));
      if (replica_->Status().node.term > taken_) {
        taken_ = replica_->Status().node.term;
        return true;
      }
      if (cluster != kCluster && unreachable_ > 0) return false;
    }
    return false;
  }

  static constexpr raft::ClusterId kCluster{5};
  std::optional<ReservedPort> port_;
  raft::MemoryFileSystem files_;
  std::unique_ptr<raft::Wal> wal_;
  NoTransport no_transport_;
  NoStateMachine state_machine_;
  raft::PassThroughPlanner planner_;
  std::unique_ptr<raft::Replica> replica_;
  std::unique_ptr<PeerService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::atomic<int> unreachable_{0};
  std::mutex heard_mutex_;
  std::map<raft::ReplicaId, std::string> heard_;
  uint64_t term_ = 0;
  raft::Term taken_;
};

TEST_F(PeerTransportTest, MessagesArrive) {
  const std::unique_ptr<PeerTransport> transport = Connect(kCluster);
  EXPECT_TRUE(ReachesTheReplica(*transport, kCluster));
}

TEST_F(PeerTransportTest, AnotherClusterIsTurnedAway) {
  const std::unique_ptr<PeerTransport> transport = Connect(raft::ClusterId{6});
  EXPECT_FALSE(ReachesTheReplica(*transport, raft::ClusterId{6}));
  EXPECT_GT(unreachable_, 0);
  EXPECT_EQ(replica_->Status().node.term, raft::Term{0});
}

TEST_F(PeerTransportTest, LinksFollowTheMembership) {
  // On the heap: the address sanitizer of g++ 12 does not keep the alignment of what stands on the
  // stack.
  const auto transport = std::make_unique<PeerTransport>(kCluster, raft::ReplicaId{1},
                                                         std::map<raft::ReplicaId, std::string>{},
                                                         [](raft::ReplicaId) {});
  EXPECT_EQ(transport->AddressOf(raft::ReplicaId{2}), "");
  raft::Message lost;
  lost.to = raft::ReplicaId{2};
  transport->Send(lost);
  EXPECT_EQ(transport->messages_without_address(), 1u);
  raft::Configuration members{.voters = {raft::ReplicaId{1}, raft::ReplicaId{2}}};
  for (const std::string& address : {std::string("127.0.0.1:1"), port_->address()}) {
    members.addresses = {{raft::ReplicaId{2}, address}};
    transport->SetMembers(members);
  }
  EXPECT_EQ(transport->AddressOf(raft::ReplicaId{2}), port_->address());
  EXPECT_TRUE(ReachesTheReplica(*transport, kCluster));
  transport->SetMembers({.voters = {raft::ReplicaId{1}}});
  EXPECT_TRUE(ReachesTheReplica(*transport, kCluster));  // who was removed may still be answered
}

TEST_F(PeerTransportTest, ReplicasSayWhereTheyAreReached) {
  const std::unique_ptr<PeerTransport> transport = Connect(kCluster);
  ASSERT_TRUE(ReachesTheReplica(*transport, kCluster));
  const std::lock_guard lock(heard_mutex_);
  EXPECT_EQ(heard_, (std::map<raft::ReplicaId, std::string>{{raft::ReplicaId{1}, "127.0.0.1:1"}}));
}

TEST_F(PeerTransportTest, NobodyOfAnotherClusterIsHeard) {
  const std::unique_ptr<PeerTransport> transport = Connect(raft::ClusterId{6});
  EXPECT_FALSE(ReachesTheReplica(*transport, raft::ClusterId{6}));
  const std::lock_guard lock(heard_mutex_);
  EXPECT_TRUE(heard_.empty());
}

TEST_F(PeerTransportTest, BrokenStreamIsReportedAndOpenedAgain) {
  const std::unique_ptr<PeerTransport> transport = Connect(kCluster);
  ASSERT_TRUE(ReachesTheReplica(*transport, kCluster));
  StopServer();
  for (int i = 0; i < 24'000 && unreachable_ == 0; ++i) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_GT(unreachable_, 0);
  StartServer();
  EXPECT_TRUE(ReachesTheReplica(*transport, kCluster));
}

}  // namespace
}  // namespace blixard::rpc
