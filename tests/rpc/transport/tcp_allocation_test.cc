// Over TCP a group in steady state allocates nothing, the transports' threads included: they read
// sockets, take messages apart, and are lent to the protocol, the log and the state machine.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/transport.h"
#include "rpc/transport/tcp_socket.h"
#include "rpc/transport/tcp_transport.h"
#include "tests/raft/runtime/steady_group.h"

namespace blixard::rpc {
namespace {

using raft::SteadyGroup;
using raft::Watch;

// Between a transport and its replica; wasteful when it shall be, and then allocates once a batch.
class WatchedReceiver : public raft::MessageReceiver {
 public:
  explicit WatchedReceiver(raft::Replica& replica) : replica_(replica) {}
  absl::Status CheckAddress(const raft::Message& message) const override {
    return replica_.CheckAddress(message);
  }
  void Receive(memory::Pooled<raft::Message> message) override {
    replica_.Receive(std::move(message));
  }
  void Deliver(memory::Pooled<raft::Message> message) override {
    Watch::Get().Checkpoint();
    replica_.Deliver(std::move(message));
  }
  void CarryOut() override {
    if (wasteful) waste_ = std::make_unique<int>(1);
    replica_.CarryOut();
    ++batches;
  }
  void ReceiveFrame(absl::string_view frame) override { replica_.ReceiveFrame(frame); }
  void ReportDropped() override { replica_.ReportDropped(); }
  void ReportUnreachable(raft::ReplicaId peer) override { replica_.ReportUnreachable(peer); }

  std::atomic<bool> wasteful{false};
  std::atomic<uint64_t> batches{0};

 private:
  raft::Replica& replica_;
  std::unique_ptr<int> waste_;
};

class TcpNetwork : public raft::SteadyNetwork {
 public:
  TcpNetwork() {
    std::map<raft::ReplicaId, std::string> addresses;
    std::vector<TcpSocket> held;  // ports that were free a moment ago
    for (uint64_t id : {1, 2, 3}) {
      held.push_back(TcpSocket::Listen("127.0.0.1:0").value());
      addresses[raft::ReplicaId{id}] = held.back().LocalAddress();
    }
    held.clear();
    for (uint64_t id : {1, 2, 3}) {
      transports_[id - 1] =
          TcpTransport::Listen(
              {.cluster = raft::ClusterId{1}, .self = raft::ReplicaId{id}, .addresses = addresses})
              .value();
    }
  }
  raft::Transport& TransportOf(raft::ReplicaId id) override { return *transports_[Position(id)]; }
  void Serve(raft::ReplicaId id, raft::Replica& replica) override {
    receivers_[Position(id)].emplace(replica);
    transports_[Position(id)]->Serve(*receivers_[Position(id)]);
  }
  void StopAll() override {
    for (auto& transport : transports_) transport->Stop();
  }

  WatchedReceiver& receiver(uint64_t id) { return *receivers_[id - 1]; }

 private:
  static size_t Position(raft::ReplicaId id) { return static_cast<size_t>(id) - 1; }

  std::array<std::optional<WatchedReceiver>, 3> receivers_;
  std::array<std::unique_ptr<TcpTransport>, 3> transports_;
};

class TcpAllocationTest : public ::testing::Test {
 protected:
  void ExpectNothing(const std::function<void()>& operate) {
    std::array<uint64_t, 3> before;
    for (uint64_t id : {1, 2, 3}) before[id - 1] = network_.receiver(id).batches;
    const Watch::Result result = group_.StrictestPhase(operate);
    EXPECT_EQ(result.denied, 0u) << result.first_call_site;
    EXPECT_GE(result.threads, 5u) << "the caller's, the three transports', the leader's own";
    EXPECT_TRUE(group_.all_good());
    for (uint64_t id : {1, 2, 3}) EXPECT_GT(network_.receiver(id).batches, before[id - 1]);
  }

  TcpNetwork network_;
  SteadyGroup group_{network_};
};

TEST_F(TcpAllocationTest, ProposalsInSessionsAndTheirWayThroughFollowersAllocateNothing) {
  // One thread takes objects from the pools and others give them back: that settles when every
  // thread has kept as many as it may.
  for (int i = 0; i < 4000; ++i) group_.ProposeInSession();
  ExpectNothing([&] {
    for (int i = 0; i < 100; ++i) group_.ProposeInSession();
  });
}

TEST_F(TcpAllocationTest, ReadsOnLeaderAndFollowerAllocateNothing) {
  for (int i = 0; i < 150; ++i) group_.Read(i % 3 + 1);
  ExpectNothing([&] {
    for (int i = 0; i < 300; ++i) group_.Read(i % 3 + 1);
  });
}

TEST_F(TcpAllocationTest, HeartbeatsOfAnIdleGroupAllocateNothing) {
  group_.Idle();
  ExpectNothing([&] { group_.Idle(); });
}

// The invalid neighbour: one transport's thread alone.
TEST_F(TcpAllocationTest, OneAllocationPerBatchOnATransportsThreadIsSeen) {
  for (int i = 0; i < 20; ++i) group_.ProposeInSession();
  network_.receiver(2).wasteful = true;
  const Watch::Result result = group_.StrictestPhase([&] {
    for (int i = 0; i < 20; ++i) group_.ProposeInSession();
  });
  EXPECT_GE(result.denied, 10u);
  EXPECT_NE(result.first_call_site, "");
}

}  // namespace
}  // namespace blixard::rpc
