// Two processes' worth of gRPC transports in one, and when their receivers hear of what.
#include "rpc/transport/grpc_transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rpc/transport/tcp_socket.h"

namespace blixard::rpc {
namespace {

constexpr raft::ClusterId kCluster{5};
constexpr raft::ReplicaId kOne{1}, kTwo{2};
constexpr absl::Duration kPatience = absl::Seconds(60);

struct Counts : raft::MessageReceiver {
  absl::Status CheckAddress(const raft::Message&) const override { return absl::OkStatus(); }
  void Receive(memory::Pooled<raft::Message>) override { ++messages; }
  void Deliver(memory::Pooled<raft::Message>) override { ++messages; }
  void CarryOut() override {}
  void ReceiveFrame(absl::string_view) override {}
  void ReportDropped() override {}
  void ReportUnreachable(raft::ReplicaId) override { ++unreachable; }

  std::atomic<int> messages{0};
  std::atomic<int> unreachable{0};
};

class GrpcTransportTest : public ::testing::Test {
 protected:
  GrpcTransportTest() {
    auto one = TcpSocket::Listen("127.0.0.1:0"), two = TcpSocket::Listen("127.0.0.1:0");
    addresses_[kOne] = one->LocalAddress();
    addresses_[kTwo] = two->LocalAddress();
  }

  std::unique_ptr<GrpcTransport> Listen(raft::ReplicaId self) {
    auto listening =
        GrpcTransport::Listen({.cluster = kCluster, .self = self, .addresses = addresses_});
    EXPECT_TRUE(listening.ok()) << listening.status();
    return *std::move(listening);
  }

  // Sends heartbeats from the first replica to the second until `enough`.
  template <class Condition>
  bool SendUntil(GrpcTransport& from, Condition enough) {
    raft::Message heartbeat;
    heartbeat.type = raft::MessageType::kHeartbeat;
    heartbeat.cluster = kCluster;
    heartbeat.from = kOne;
    heartbeat.to = kTwo;
    heartbeat.term = raft::Term{1};
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      if (enough()) return true;
      from.Send(heartbeat);
      from.Flush();
      absl::SleepFor(absl::Milliseconds(5));
    }
    return false;
  }

  std::map<raft::ReplicaId, std::string> addresses_;
};

TEST_F(GrpcTransportTest, BringsMessagesToWhomItServes) {
  Counts one, two;
  const auto from = Listen(kOne), to = Listen(kTwo);
  from->Serve(one);
  to->Serve(two);
  EXPECT_TRUE(SendUntil(*from, [&] { return two.messages > 0; }));
  EXPECT_EQ(one.messages, 0);
}

TEST_F(GrpcTransportTest, WhatComesBeforeSomebodyIsServedIsLostAndLaterOnesArrive) {
  Counts two;
  const auto from = Listen(kOne), to = Listen(kTwo);
  int sent = 0;
  EXPECT_TRUE(SendUntil(*from, [&] { return ++sent > 100; }));
  to->Serve(two);
  EXPECT_TRUE(SendUntil(*from, [&] { return two.messages > 0; }));
}

TEST_F(GrpcTransportTest, ABrokenConnectionIsReported) {
  Counts one, two;
  const auto from = Listen(kOne);
  auto to = Listen(kTwo);
  from->Serve(one);
  to->Serve(two);
  ASSERT_TRUE(SendUntil(*from, [&] { return two.messages > 0; }));
  const int before = one.unreachable;
  to->Stop();
  to.reset();
  EXPECT_TRUE(SendUntil(*from, [&] { return one.unreachable > before; }));
}

// The receiver goes next: peers that stop too break their streams just then.
TEST_F(GrpcTransportTest, NothingReachesTheReceiverAfterStop) {
  auto one = std::make_unique<Counts>();
  auto two = std::make_unique<Counts>();
  const auto from = Listen(kOne);
  auto to = Listen(kTwo);
  from->Serve(*one);
  to->Serve(*two);
  ASSERT_TRUE(SendUntil(*from, [&] { return two->messages > 0; }));
  from->Stop();
  const int before = one->unreachable;
  to->Stop();
  to.reset();
  int sent = 0;
  EXPECT_TRUE(SendUntil(*from, [&] { return ++sent > 100; }));
  EXPECT_EQ(one->unreachable, before);
  one.reset();
  EXPECT_TRUE(SendUntil(*from, [&] { return ++sent > 200; }));
}

TEST_F(GrpcTransportTest, SaysWhyItCannotListen) {
  const auto first = Listen(kOne);
  EXPECT_EQ(GrpcTransport::Listen({.cluster = kCluster, .self = kOne, .addresses = addresses_})
                .status()
                .code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(GrpcTransport::Listen(
                {.cluster = kCluster, .self = raft::ReplicaId{3}, .addresses = addresses_})
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace blixard::rpc
