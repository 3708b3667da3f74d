// A hundred groups of three replicas each in one process, as three processes would have them: real
// replicas with all their threads, three hubs, one transport.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "raft/runtime/blocking_calls.h"
#include "raft/runtime/local_transport.h"
#include "tests/raft/runtime/group_host.h"

namespace blixard::raft {
namespace {

constexpr uint64_t kHosts = 3;
constexpr uint64_t kGroups = 100;

class ManyGroupsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (uint64_t self = 1; self <= kHosts; ++self) {
      hosts_.push_back(std::make_unique<GroupHost>(GroupHostOptions{.self = self}, wire_));
      wire_.Connect(ReplicaId{self}, hosts_.back()->hub());
    }
    for (uint64_t group = 1; group <= kGroups; ++group) {
      for (const auto& host : hosts_) host->Start(ClusterId{group});
    }
    for (uint64_t group = 1; group <= kGroups; ++group) {
      ASSERT_TRUE(Eventually([&] { return HasLeader(hosts_, ClusterId{group}); })) << group;
    }
  }

  void TearDown() override {
    for (uint64_t self = 1; self <= kHosts; ++self) wire_.Disconnect(ReplicaId{self});
    hosts_.clear();
  }

  GroupHubCounters Sum() {
    GroupHubCounters sum;
    for (const auto& host : hosts_) {
      const GroupHubCounters counters = host->hub().counters();
      sum.gathered.heartbeats += counters.gathered.heartbeats;
      sum.gathered.replies += counters.gathered.replies;
      sum.gathered.bundles += counters.gathered.bundles;
      sum.unknown_group += counters.unknown_group;
      sum.damaged_frames += counters.damaged_frames;
      sum.misaddressed += counters.misaddressed;
    }
    return sum;
  }

  LocalTransport wire_;
  GroupHosts hosts_;
};

// Exactly one message a tick is shown without a clock, in heartbeat_gatherer_test; here threads
// come late as they do, and still a message carries those of many groups.
TEST_F(ManyGroupsTest, AreLedByHeartbeatsThatTravelTogether) {
  const GroupHubCounters before = Sum();
  ASSERT_TRUE(Eventually([&] {
    return Sum().gathered.replies > before.gathered.replies + 10 * kGroups * (kHosts - 1);
  }));
  const GroupHubCounters after = Sum();
  const uint64_t carried = after.gathered.heartbeats + after.gathered.replies -
                           before.gathered.heartbeats - before.gathered.replies;
  const uint64_t bundles = after.gathered.bundles - before.gathered.bundles;
  EXPECT_GT(carried, 4 * bundles) << carried << " in " << bundles;
  EXPECT_EQ(after.damaged_frames + after.misaddressed, 0u);
  for (uint64_t group = 1; group <= kGroups; ++group) {
    EXPECT_TRUE(CommitsSomething(hosts_, ClusterId{group})) << group;
  }
  for (const auto& host : hosts_) {
    Replica& replica = *host->replica(ClusterId{kGroups});
    EXPECT_TRUE(Eventually([&] { return AwaitReadable(replica).ok(); }));
  }
}

TEST_F(ManyGroupsTest, FailureOfOneLeavesTheOthers) {
  constexpr ClusterId kFailing{7};
  hosts_[1]->Stop(kFailing);
  EXPECT_TRUE(CommitsSomething(hosts_, kFailing)) << "two of three are enough";
  ASSERT_TRUE(Eventually([&] { return Sum().unknown_group > 0; }))
      << "the others go on asking after it";
  hosts_[2]->Stop(kFailing);
  EXPECT_TRUE(Eventually([&] { return !HasLeader(hosts_, kFailing); }));
  for (uint64_t group = 1; group <= kGroups; ++group) {
    if (ClusterId{group} == kFailing) continue;
    EXPECT_TRUE(CommitsSomething(hosts_, ClusterId{group})) << group;
  }
}

}  // namespace
}  // namespace blixard::raft
