#include "raft/runtime/local_transport.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {
namespace {

constexpr ClusterId kCluster{5};
constexpr ReplicaId kPeer{1};
constexpr ReplicaId kReceiver{2};

class NoStateMachine : public StatelessMachine {
  void Apply(EntryId, absl::string_view, OutcomeSink&) override {}
};

// Replica 2 of 2, whose clock stands still; the test speaks as its peer.
class LocalTransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Wal::Open(files_, memory::BufferPool::Default(),
                            {.directory = "/log", .cluster = kCluster, .replica = kReceiver});
    ASSERT_TRUE(opened.ok()) << opened.status();
    wal_ = std::move(opened->wal);
    auto replica = Replica::Start({.cluster = kCluster,
                                   .id = kReceiver,
                                   .voters = {kPeer, kReceiver},
                                   .tick = absl::Hours(1)},
                                  {.storage = *wal_,
                                   .transport = transport_,
                                   .planner = planner_,
                                   .state_machine = state_machine_},
                                  std::move(opened->recovered), nullptr);
    ASSERT_TRUE(replica.ok()) << replica.status();
    replica_ = *std::move(replica);
  }

  void SendHeartbeat(Term term, ReplicaId to) {
    Message heartbeat;
    heartbeat.type = MessageType::kHeartbeat;
    heartbeat.cluster = kCluster;
    heartbeat.from = kPeer;
    heartbeat.to = to;
    heartbeat.term = term;
    transport_.Send(heartbeat);
    transport_.Flush();
  }

  // Status is answered after what came before it.
  Term term() { return replica_->Status().node.term; }

  MemoryFileSystem files_;
  std::unique_ptr<Wal> wal_;
  LocalTransport transport_;
  NoStateMachine state_machine_;
  PassThroughPlanner planner_;
  std::unique_ptr<Replica> replica_;
};

using LocalTransportDeathTest = LocalTransportTest;

TEST_F(LocalTransportTest, MessagesReachWhoIsConnected) {
  transport_.Connect(kReceiver, *replica_);
  SendHeartbeat({3}, kReceiver);
  EXPECT_EQ(term(), Term{3});
}

TEST_F(LocalTransportTest, NobodyElseGetsThem) {
  transport_.Connect(kReceiver, *replica_);
  SendHeartbeat({3}, ReplicaId{7});
  EXPECT_EQ(term(), Term{0});
  EXPECT_EQ(transport_.sent_to_nobody(), 1u);
}

TEST_F(LocalTransportTest, NothingComesBeforeConnectAndAfterDisconnect) {
  SendHeartbeat({3}, kReceiver);
  EXPECT_EQ(term(), Term{0});
  transport_.Connect(kReceiver, *replica_);
  SendHeartbeat({4}, kReceiver);
  transport_.Disconnect(kReceiver);
  SendHeartbeat({5}, kReceiver);
  EXPECT_EQ(term(), Term{4});
  transport_.Disconnect(kReceiver);  // twice is fine
}

TEST_F(LocalTransportDeathTest, AnIdIsTakenOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the replica has threads
  transport_.Connect(kReceiver, *replica_);
  EXPECT_DEATH(transport_.Connect(kReceiver, *replica_), "connected already");
}

}  // namespace
}  // namespace blixard::raft
