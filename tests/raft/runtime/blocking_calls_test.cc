#include "raft/runtime/blocking_calls.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/raft/runtime/replica_group.h"

namespace blixard::raft {
namespace {

TEST(BlockingCallsTest, OutcomeComesBackAndShowsInReadsOfAllReplicas) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  Replica& leader = group.replica(group.Elect());
  const absl::StatusOr<std::string> outcome = ProposeAndWait(leader, "hello");
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(*outcome, "1:hello");
  for (uint64_t id : {1, 2, 3}) {
    ASSERT_TRUE(AwaitReadable(group.replica(id)).ok()) << id;
    EXPECT_EQ(group.state_machine(id).journal().size(), 1u) << id;
  }
}

TEST(BlockingCallsTest, ManyThreadsGetTheirOwnOutcomes) {
  ReplicaGroup group(1);
  group.Start(1);
  Replica& leader = group.replica(group.Elect());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&leader, thread] {
      for (int i = 0; i < 50; ++i) {
        const std::string request = absl::StrCat(thread, ".", i);
        const absl::StatusOr<std::string> outcome = ProposeAndWait(leader, request);
        ASSERT_TRUE(outcome.ok()) << outcome.status();
        EXPECT_EQ(outcome->substr(outcome->find(':') + 1), request);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(BlockingCallsTest, WhatIsRefusedSaysSo) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  Replica& follower = group.replica(leader % 3 + 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(ProposeAndWait(follower, "hello").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ProposeAndWait(group.replica(leader), "").status()));
}

TEST(BlockingCallsTest, WithoutAMajorityProposalsEndUnknownAndReadsAreRefused) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  const uint64_t leader = group.Elect();
  group.Isolate(leader, true);
  EXPECT_TRUE(absl::IsUnknown(ProposeAndWait(group.replica(leader), "hello").status()));
  EXPECT_TRUE(absl::IsUnavailable(AwaitReadable(group.replica(leader))));
}

TEST(BlockingCallsTest, LimitsEndAWait) {
  ReplicaGroup group(3);
  for (uint64_t id : {1, 2, 3}) group.Start(id);
  Replica& leader = group.replica(group.Elect());
  EXPECT_TRUE(ProposeAndWait(leader, "hello", absl::Minutes(2)).ok());
  EXPECT_TRUE(AwaitReadable(leader, absl::Minutes(2)).ok());
  group.Isolate(static_cast<uint64_t>(leader.leader()), true);
  EXPECT_TRUE(absl::IsDeadlineExceeded(AwaitReadable(leader, absl::Milliseconds(20))));
  EXPECT_TRUE(absl::IsUnknown(ProposeAndWait(leader, "hello", absl::Milliseconds(20)).status()));
}

}  // namespace
}  // namespace blixard::raft
