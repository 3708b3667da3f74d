// Over LocalTransport a group in steady state allocates nothing on any thread of a replica that
// meets a transport, a state machine or a listener.
#include "tests/raft/runtime/steady_group.h"

#include <gtest/gtest.h>

#include "raft/runtime/local_transport.h"

namespace blixard::raft {
namespace {

class LocalNetwork : public SteadyNetwork {
 public:
  Transport& TransportOf(ReplicaId) override { return network_; }
  void Serve(ReplicaId id, Replica& replica) override { network_.Connect(id, replica); }

 private:
  LocalTransport network_;
};

class SteadyGroupTest : public ::testing::Test {
 protected:
  LocalNetwork network_;
  SteadyGroup group_{network_};
};

TEST_F(SteadyGroupTest, ProposalsInSessionsAndTheirWayThroughFollowersAllocateNothing) {
  for (int i = 0; i < 150; ++i) group_.ProposeInSession();
  const Watch::Result result = group_.StrictestPhase([&] {
    for (int i = 0; i < 100; ++i) group_.ProposeInSession();
  });
  EXPECT_EQ(result.denied, 0u) << result.first_call_site;
  EXPECT_GE(result.threads, 4u) << "the caller's, and of each replica one";
  EXPECT_TRUE(group_.all_good());
}

TEST_F(SteadyGroupTest, ReadsOnLeaderAndFollowerAllocateNothing) {
  for (int i = 0; i < 150; ++i) group_.Read(i % 3 + 1);
  const Watch::Result result = group_.StrictestPhase([&] {
    for (int i = 0; i < 300; ++i) group_.Read(i % 3 + 1);
  });
  EXPECT_EQ(result.denied, 0u) << result.first_call_site;
  EXPECT_GE(result.threads, 4u);
  EXPECT_TRUE(group_.all_good());
}

TEST_F(SteadyGroupTest, HeartbeatsOfAnIdleGroupAllocateNothing) {
  group_.Idle();
  const Watch::Result result = group_.StrictestPhase([&] { group_.Idle(); });
  EXPECT_EQ(result.denied, 0u) << result.first_call_site;
  EXPECT_GE(result.threads, 4u);
}

// The invalid neighbour: once per request is seen, in every phase.
TEST_F(SteadyGroupTest, OneAllocationPerRequestIsSeen) {
  for (int i = 0; i < 20; ++i) group_.ProposeInSession();
  group_.Waste();
  const Watch::Result result = group_.StrictestPhase([&] {
    for (int i = 0; i < 20; ++i) group_.ProposeInSession();
  });
  EXPECT_GE(result.denied, 20u);
  EXPECT_NE(result.first_call_site, "");
}

}  // namespace
}  // namespace blixard::raft
