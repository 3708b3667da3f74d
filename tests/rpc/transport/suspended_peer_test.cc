// A peer that is suspended (SIGSTOP) reads nothing, while its connection stands: nothing may pile
// up for it, neither messages in the transport nor the log in memory, and afterwards it catches up
// (L15: redpanda #26737).
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "raft/core/node_status.h"
#include "raft/runtime/blocking_calls.h"
#include "rpc/daemon/child_process.h"
#include "rpc/transport/link_limits.h"
#include "rpc/transport/tcp_socket.h"
#include "tests/rpc/transport/networked_replica.h"

namespace blixard::rpc {
namespace {

constexpr raft::ReplicaId kSuspended{3};

// No message is larger than one append, or one piece of a snapshot.
constexpr size_t kMostWaiting = kMaxWaitingBytes + (size_t{512} << 10);

// Replicas 1 and 2 are in this process, replica 3 in one of its own, which never leads.
class SuspendedPeerTest : public ::testing::TestWithParam<NetworkKind> {
 protected:
  void SetUp() override {
    ReserveAddresses();
    std::vector<std::string> command = {"tests/rpc/transport/peer_process",
                                        GetParam() == NetworkKind::kGrpc ? "grpc" : "tcp", "3"};
    for (const auto& [id, address] : addresses_) command.push_back(address);
    auto process = ChildProcess::Start(command, ::testing::TempDir() + "/peer_process.log");
    ASSERT_TRUE(process.ok()) << process.status();
    process_.emplace(*std::move(process));
    for (uint64_t id : {1, 2}) {
      members_.push_back(std::make_unique<NetworkedReplica>(
          NetworkedReplicaOptions{.network = GetParam(), .id = id, .addresses = addresses_}));
    }
    ASSERT_TRUE(Eventually([this] { return leader() != nullptr; }));
    ASSERT_TRUE(Eventually([this] { return HasCaughtUp(); }));
  }

  // Ports that were free a moment ago.
  void ReserveAddresses() {
    std::vector<TcpSocket> held;
    for (uint64_t id : {1, 2, 3}) {
      held.push_back(TcpSocket::Listen("127.0.0.1:0").value());
      addresses_[raft::ReplicaId{id}] = held.back().LocalAddress();
    }
  }

  template <class Condition>
  static bool Eventually(const Condition& holds) {
    for (int i = 0; i < 3'000 && !holds(); ++i) absl::SleepFor(absl::Milliseconds(10));
    return holds();
  }

  // Null while nobody leads.
  NetworkedReplica* leader() {
    for (size_t i = 0; i < members_.size(); ++i) {
      if (members_[i]->replica().leader() == raft::ReplicaId{i + 1}) return members_[i].get();
    }
    return nullptr;
  }

  bool Propose(const std::string& request) {
    return Eventually([&] {
      NetworkedReplica* const leads = leader();
      return leads != nullptr && raft::ProposeAndWait(leads->replica(), request).ok();
    });
  }

  // Replica 3 has everything that its leader has.
  bool HasCaughtUp() {
    NetworkedReplica* const leads = leader();
    if (leads == nullptr) return false;
    const raft::NodeStatus status = leads->replica().Status().node;
    return std::any_of(status.peers.begin(), status.peers.end(), [&](const raft::PeerStatus& peer) {
      return peer.id == kSuspended && peer.match == status.last_index;
    });
  }

  size_t WaitingBytes() {
    size_t most = 0;
    for (const auto& member : members_) {
      most = std::max(most, member->network().WaitingBytes(kSuspended));
    }
    return most;
  }

  std::map<raft::ReplicaId, std::string> addresses_;
  std::optional<ChildProcess> process_;
  std::vector<std::unique_ptr<NetworkedReplica>> members_;
};

// Twice what may wait: such as the leader sends them, only more often.
TEST_P(SuspendedPeerTest, HeartbeatsDoNotAccumulate) {
  process_->Signal(SIGSTOP);
  NetworkedReplica* const leads = leader();
  ASSERT_NE(leads, nullptr);
  raft::Message heartbeat;
  heartbeat.type = raft::MessageType::kHeartbeat;
  heartbeat.cluster = kNetworkedCluster;
  heartbeat.from = leads->replica().leader();
  heartbeat.to = kSuspended;
  heartbeat.term = leads->replica().Status().node.term;
  raft::Transport& transport = leads->network().transport();
  EXPECT_EQ(leads->replica().Status().counters.transport.link_full, 0u);
  const size_t heartbeats = 2 * kMaxWaitingBytes / raft::EncodedMessageBytes(heartbeat);
  size_t most = 0;
  for (size_t i = 1; i <= heartbeats; ++i) {
    transport.Send(heartbeat);
    if (i % 100 != 0) continue;
    transport.Flush();
    most = std::max(most, WaitingBytes());
  }
  EXPECT_LE(most, kMostWaiting);
  EXPECT_GT(most, kMostWaiting / 2) << "the peer read on: the bound was not tried";
  EXPECT_GT(leads->replica().Status().counters.transport.link_full, 0u);
  process_->Signal(SIGCONT);
  ASSERT_TRUE(Propose("afterwards"));
  EXPECT_TRUE(Eventually([this] { return HasCaughtUp(); }));
  EXPECT_TRUE(Eventually([this] { return WaitingBytes() == 0; }));
}

// The figure: a slow follower never makes the leader hold more than it was configured to.
TEST_P(SuspendedPeerTest, LeaderHoldsNoMoreThanItIsConfiguredTo) {
  process_->Signal(SIGSTOP);
  constexpr size_t kRequestBytes = 32'000;
  constexpr size_t kRequests = 1'000;
  const std::string request(kRequestBytes, 'x');
  size_t most_waiting = 0;
  uint64_t most_held = 0;
  for (size_t i = 0; i < kRequests; ++i) {
    ASSERT_TRUE(Propose(request));
    if (i % 4 != 0) continue;
    most_waiting = std::max(most_waiting, WaitingBytes());
    most_held = std::max(most_held, memory::BufferPool::Default().Stats().live_bytes);
  }
  // Both replicas of this process hold a log, and what comes while a snapshot is written, for which
  // as much again is allowed; blocks are powers of two.
  constexpr uint64_t kLog = kSnapshotBytes + kRetainedBytes + kUncommittedBytes;
  EXPECT_LE(most_held, 2 * 2 * 2 * kLog);
  EXPECT_LT(most_held, kRequests * kRequestBytes) << "the bound says nothing";
  EXPECT_LE(most_waiting, kMostWaiting);
  process_->Signal(SIGCONT);
  EXPECT_TRUE(Eventually([this] { return HasCaughtUp(); }));
}

INSTANTIATE_TEST_SUITE_P(Transports, SuspendedPeerTest,
                         ::testing::Values(NetworkKind::kGrpc, NetworkKind::kTcp),
                         [](const ::testing::TestParamInfo<NetworkKind>& tested) {
                           return tested.param == NetworkKind::kGrpc ? "Grpc" : "Tcp";
                         });

}  // namespace
}  // namespace blixard::rpc
