// Quorums are counted for every acknowledgement and vote: no size of group may go to the heap.
#include <gtest/gtest.h>

#include <cstdint>

#include "memory_optimization/expect_allocations.h"
#include "raft/core/configuration.h"
#include "raft/core/quorum.h"
#include "raft/core/types.h"

namespace blixard::raft {
namespace {

Configuration JointOf(uint64_t voters) {
  Configuration c;
  for (uint64_t id = 1; id <= voters; ++id) {
    c.voters.push_back(ReplicaId{id});
    c.outgoing.push_back(ReplicaId{kMaxMembers - voters + id});
  }
  return c;
}

TEST(QuorumAllocationTest, NoGroupIsTooLargeForTheStack) {
  for (uint64_t voters : {1, 3, 7, 8, 32, 64}) {
    SCOPED_TRACE(voters);
    const Configuration joint = JointOf(voters);
    ASSERT_TRUE(CheckConfiguration(joint).ok()) << CheckConfiguration(joint);
    LogIndex committed;
    VoteResult result = VoteResult::kPending;
    bool quorum = false;
    EXPECT_ALLOCATIONS(0, {
      committed =
          CommittedIndex(joint, [](ReplicaId id) { return LogIndex{static_cast<uint64_t>(id)}; });
      result = VoteResultOf(joint, [](ReplicaId) { return Ballot::kGranted; });
      quorum = IsQuorum(joint, [](ReplicaId) { return false; });
    });
    EXPECT_EQ(committed, LogIndex{(voters + 1) / 2});
    EXPECT_EQ(result, VoteResult::kWon);
    EXPECT_FALSE(quorum);
  }
}

TEST(QuorumTest, MoreVotersThanMembersMayBeIsAFault) {
  Configuration c = JointOf(kMaxMembers);
  c.voters.push_back(ReplicaId{kMaxMembers + 1});
  EXPECT_DEATH(CommittedIndex(c, [](ReplicaId) { return LogIndex{}; }), "voters.size");
  EXPECT_DEATH(CommittedIndex(Configuration{}, [](ReplicaId) { return LogIndex{}; }), "empty");
}

}  // namespace
}  // namespace blixard::raft
