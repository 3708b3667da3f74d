// Groups that share real connections: three hubs that reach each other over TCP, and over gRPC.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "raft/core/types.h"
#include "raft/runtime/blocking_calls.h"
#include "raft/runtime/group_hub.h"
#include "raft/runtime/transport.h"
#include "rpc/transport/peer_service.h"
#include "rpc/transport/peer_transport.h"
#include "rpc/transport/tcp_socket.h"
#include "rpc/transport/tcp_transport.h"
#include "tests/raft/runtime/group_host.h"

namespace blixard::rpc {
namespace {

constexpr uint64_t kHosts = 3;
constexpr uint64_t kGroups = 10;
// Of the connections; no group has it.
constexpr raft::ClusterId kFleet{1'000'000};

using Addresses = std::map<raft::ReplicaId, std::string>;

// Ports that were free a moment ago.
Addresses ReserveAddresses() {
  Addresses addresses;
  std::vector<TcpSocket> held;
  for (uint64_t host = 1; host <= kHosts; ++host) {
    held.push_back(TcpSocket::Listen("127.0.0.1:0").value());
    addresses[raft::ReplicaId{host}] = held.back().LocalAddress();
  }
  return addresses;
}

class Wire {
 public:
  virtual ~Wire() = default;
  virtual raft::Transport& transport() = 0;
  virtual void Serve(raft::GroupHub& hub) = 0;
};

class TcpWire : public Wire {
 public:
  TcpWire(raft::ReplicaId self, const Addresses& addresses)
      : transport_(TcpTransport::Listen({.cluster = kFleet, .self = self, .addresses = addresses})
                       .value()) {}

  raft::Transport& transport() override { return *transport_; }
  void Serve(raft::GroupHub& hub) override { transport_->Serve(hub); }

 private:
  const std::unique_ptr<TcpTransport> transport_;
};

class GrpcWire : public Wire {
 public:
  GrpcWire(raft::ReplicaId self, const Addresses& addresses)
      : self_(self),
        address_(addresses.at(self)),
        transport_(kFleet, self, addresses, [this](raft::ReplicaId peer) {
          raft::GroupHub* const hub = hub_.load();
          if (hub != nullptr) hub->ReportUnreachable(peer);
        }) {}
  ~GrpcWire() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  raft::Transport& transport() override { return transport_; }

  void Serve(raft::GroupHub& hub) override {
    hub_.store(&hub);
    service_ = std::make_unique<PeerService>(kFleet, self_, hub);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr) << address_;
  }

 private:
  const raft::ReplicaId self_;
  const std::string address_;
  std::atomic<raft::GroupHub*> hub_{nullptr};
  PeerTransport transport_;
  std::unique_ptr<PeerService> service_;
  std::unique_ptr<grpc::Server> server_;
};

template <class WireKind>
class GroupHubWiresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Addresses addresses = ReserveAddresses();
    for (const auto& [id, address] : addresses) {
      wires_.push_back(std::make_unique<WireKind>(id, addresses));
      hosts_.push_back(std::make_unique<raft::GroupHost>(
          raft::GroupHostOptions{.self = static_cast<uint64_t>(id)}, wires_.back()->transport()));
      wires_.back()->Serve(hosts_.back()->hub());
    }
    for (uint64_t group = 1; group <= kGroups; ++group) {
      for (const auto& host : hosts_) host->Start(raft::ClusterId{group});
    }
  }

  // Each needs the other: the hub to send, the connections to report.
  void TearDown() override {
    for (const auto& host : hosts_) host->StopAll();
    wires_.clear();
    hosts_.clear();
  }

  std::vector<std::unique_ptr<Wire>> wires_;
  raft::GroupHosts hosts_;
};

using Wires = ::testing::Types<TcpWire, GrpcWire>;
TYPED_TEST_SUITE(GroupHubWiresTest, Wires);

TYPED_TEST(GroupHubWiresTest, EveryGroupIsServedAndHeartbeatsTravelTogether) {
  for (uint64_t group = 1; group <= kGroups; ++group) {
    EXPECT_TRUE(raft::CommitsSomething(this->hosts_, raft::ClusterId{group})) << group;
    raft::Replica& replica = *this->hosts_[group % kHosts]->replica(raft::ClusterId{group});
    EXPECT_TRUE(raft::Eventually([&] { return raft::AwaitReadable(replica).ok(); })) << group;
  }
  for (const auto& host : this->hosts_) {
    EXPECT_TRUE(raft::Eventually([&] { return host->hub().counters().bundles_received > 10; }));
    const raft::GroupHubCounters counters = host->hub().counters();
    EXPECT_EQ(counters.damaged_frames + counters.misaddressed, 0u);
  }
}

TYPED_TEST(GroupHubWiresTest, AGroupThatLeavesOneProcessGoesOnInTheOthers) {
  ASSERT_TRUE(raft::CommitsSomething(this->hosts_, raft::ClusterId{1}));
  this->hosts_[0]->Stop(raft::ClusterId{1});
  EXPECT_TRUE(raft::CommitsSomething(this->hosts_, raft::ClusterId{1}));
  EXPECT_TRUE(raft::CommitsSomething(this->hosts_, raft::ClusterId{2}));
  EXPECT_TRUE(
      raft::Eventually([&] { return this->hosts_[0]->hub().counters().unknown_group > 0; }));
}

}  // namespace
}  // namespace blixard::rpc
