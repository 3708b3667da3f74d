#include "raft/core/replica_role.h"

#include <gtest/gtest.h>

#include "memory_optimization/interned_string.h"
#include "memory_optimization/string_pool.h"
#include "raft/core/node_status.h"

namespace blixard::raft {
namespace {

TEST(ReplicaRoleTest, AreTheNamesOfTheRoles) {
  EXPECT_EQ(RoleName(Role::kFollower), replica_role::kFollower.view());
  EXPECT_EQ(RoleName(Role::kPreCandidate), "pre-candidate");
  EXPECT_EQ(RoleName(Role::kCandidate), "candidate");
  EXPECT_EQ(RoleName(Role::kLeader), "leader");
  EXPECT_EQ(replica_role::kLearner.view(), "learner");
}

TEST(ReplicaRoleTest, AreWhatAPoolThatKnowsThemAnswers) {
  memory::StringPool pool;
  ASSERT_TRUE(pool.Adopt(replica_role::kAll).ok());
  EXPECT_EQ(pool.Intern("leader").value(), replica_role::kLeader);
  EXPECT_NE(pool.Intern("follower").value(), replica_role::kLeader);
  EXPECT_FALSE(pool.Find("observer").has_value());
}

}  // namespace
}  // namespace blixard::raft
