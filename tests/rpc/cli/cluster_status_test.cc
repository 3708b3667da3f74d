#include "rpc/cli/cluster_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace blixard::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::ReplicaStatus Leader() {
  v1::ReplicaStatus status;
  status.set_replica_id(2);
  status.set_role(v1::ROLE_LEADER);
  status.set_term(3);
  status.set_first_index(40);
  status.set_last_index(110);
  status.set_commit_index(109);
  status.set_snapshot_index(77);
  status.mutable_disk()->set_directory("/data/wal");
  status.mutable_disk()->set_free_bytes(uint64_t{64} << 20);
  status.mutable_disk()->set_reserve_bytes(uint64_t{64} << 20);
  status.mutable_disk()->set_log_bytes(uint64_t{32} << 20);
  v1::PeerProgress& peer = *status.add_peers();
  peer.set_replica_id(1);
  peer.set_state("replicate");
  peer.set_match_index(98);
  peer.set_paused_because("none");
  peer.set_active(true);
  peer.set_is_voter(true);
  v1::StageLatency& latency = *status.add_latencies();
  latency.set_stage("quorum");
  latency.set_count(7);
  latency.set_p999_us(1234);
  return status;
}

std::string Shown(const v1::ReplicaStatus& status) {
  v1::ClusterStatus all;
  *all.add_members() = Describe("127.0.0.1:7002", status);
  return Format(all);
}

TEST(ClusterStatusTest, ALeaderIsShownWithItsLogFollowersAndLatencies) {
  const v1::ClusterMember member = Describe("127.0.0.1:7002", Leader());
  EXPECT_EQ(member.role(), "leader");
  EXPECT_EQ(member.snapshot_index(), 77);
  EXPECT_FALSE(member.disk().low()) << "exactly the reserve is enough";
  ASSERT_EQ(member.followers_size(), 1);
  EXPECT_EQ(member.followers(0).behind(), 12);
  EXPECT_EQ(member.followers(0).role(), "voter");
  EXPECT_EQ(member.latencies(0).us().p999(), 1234);
  const std::string text = Shown(Leader());
  EXPECT_THAT(text, HasSubstr("followers of replica 2"));
  EXPECT_THAT(text, HasSubstr("latencies of replica 2"));
  EXPECT_THAT(text, HasSubstr("1234"));
  EXPECT_THAT(text, Not(HasSubstr("refuses"))) << "nothing is wrong";
  EXPECT_THAT(text, Not(HasSubstr("silent")));
}

TEST(ClusterStatusTest, IdsAreShownWhole) {
  constexpr uint64_t kLarge = (uint64_t{1} << 53) - 1;
  v1::ReplicaStatus status = Leader();
  status.set_replica_id(kLarge);
  status.set_leader_id(kLarge);
  status.mutable_peers(0)->set_replica_id(4294967301);
  status.mutable_members()->add_voters(kLarge);
  status.mutable_members()->add_outgoing_voters(4294967301);
  status.mutable_members()->add_learners(kLarge - 1);
  const v1::ClusterMember member = Describe("127.0.0.1:7002", status);
  EXPECT_EQ(member.replica_id(), kLarge);
  EXPECT_EQ(member.leader_id(), kLarge);
  EXPECT_EQ(member.followers(0).replica_id(), 4294967301);
  EXPECT_EQ(member.voters(0), kLarge);
  EXPECT_EQ(member.outgoing_voters(0), 4294967301);
  EXPECT_EQ(member.learners(0), kLarge - 1);
  EXPECT_THAT(Shown(status), HasSubstr("9007199254740991 127.0.0.1:7002"));
  EXPECT_THAT(Shown(status), HasSubstr("4294967301 voter"));
}

TEST(ClusterStatusTest, AFollowerHasNoFollowers) {
  v1::ReplicaStatus status = Leader();
  status.set_role(v1::ROLE_FOLLOWER);
  EXPECT_THAT(Shown(status), Not(HasSubstr("followers of")));
}

TEST(ClusterStatusTest, WhatAPersonHasToLookAfterIsSaid) {
  v1::ReplicaStatus status = Leader();
  status.set_lost_data(true);
  status.set_failure("INTERNAL: fsync");
  status.mutable_disk()->set_free_bytes((uint64_t{64} << 20) - 1);
  status.mutable_members()->add_outgoing_voters(3);
  status.mutable_peers(0)->set_is_voter(false);
  status.mutable_peers(0)->set_active(false);
  status.mutable_peers(0)->set_paused_because("inflight-bytes");
  const std::string text = Shown(status);
  EXPECT_THAT(text, HasSubstr("replica 2: lacks what it had acknowledged"));
  EXPECT_THAT(text, HasSubstr("stopped by itself: INTERNAL: fsync"));
  EXPECT_THAT(text, HasSubstr("refuses changes: /data/wal has 64 MiB free, want 64"));
  EXPECT_THAT(text, HasSubstr("a change of several voters"));
  EXPECT_THAT(text, HasSubstr("learner"));
  EXPECT_THAT(text, HasSubstr("inflight-bytes (silent)"));
}

TEST(ClusterStatusTest, WhatWasRefusedDroppedAndCarriedIsShownOfEveryReplica) {
  v1::ReplicaStatus status = Leader();
  status.set_role(v1::ROLE_FOLLOWER);
  v1::ReplicaCounters& counters = *status.mutable_counters();
  counters.set_elections(10);
  counters.set_proposals_refused(11);
  counters.set_reads_refused(12);
  counters.set_messages_dropped_queue_full(13);
  counters.set_messages_dropped_no_memory(14);
  counters.set_messages_dropped_link_full(15);
  counters.set_messages_dropped_no_address(16);
  counters.set_snapshots_taken(17);
  counters.set_snapshots_failed(18);
  counters.set_snapshots_sent(19);
  counters.set_snapshots_not_sent(20);
  counters.set_snapshots_received(21);
  EXPECT_THAT(Shown(status), ::testing::ContainsRegex(
                                 "\n +2 +10 [|] +11 +12 [|] +13 +14 +15 +16 [|] +17 +18 +19 +20 "
                                 "+21\n"));
  const v1::ClusterCounters described = Describe("127.0.0.1:7002", status).counters();
  EXPECT_EQ(described.messages_dropped_no_memory(), 14);
  EXPECT_EQ(described.snapshots_received(), 21);
}

TEST(ClusterStatusTest, AReplicaThatIsNoMemberIsToldApart) {
  v1::ReplicaStatus leader = Leader();
  leader.mutable_members()->add_voters(2);
  leader.mutable_members()->add_learners(4);
  v1::ReplicaStatus removed = leader;  // it does not know yet
  removed.set_role(v1::ROLE_FOLLOWER);
  removed.mutable_members()->add_voters(1);
  removed.set_replica_id(1);
  v1::ReplicaStatus learner = removed;
  learner.set_replica_id(4);
  v1::ClusterStatus all;
  *all.add_members() = Describe("127.0.0.1:7001", removed);
  *all.add_members() = Describe("127.0.0.1:7004", learner);
  *all.add_members() = Describe("127.0.0.1:7005", absl::UnavailableError("refused"));
  EXPECT_THAT(Format(all), Not(HasSubstr("is no member"))) << "no leader says so";
  *all.add_members() = Describe("127.0.0.1:7002", leader);
  EXPECT_THAT(Format(all), HasSubstr("replica 1: is no member, says leader 2: stop its process"));
  EXPECT_THAT(Format(all), Not(HasSubstr("replica 4: is no member")));
  EXPECT_THAT(Format(all), Not(HasSubstr("replica 2: is no member")));
  EXPECT_THAT(Format(all), Not(HasSubstr("replica 0")));
}

TEST(ClusterStatusTest, AReplicaThatDoesNotAnswerIsShownWithTheReason) {
  v1::ClusterStatus all;
  *all.add_members() = Describe("127.0.0.1:7009", absl::UnavailableError("refused"));
  EXPECT_EQ(all.members(0).error(), "refused");
  EXPECT_THAT(Format(all), HasSubstr("127.0.0.1:7009         does not answer: refused"));
}

}  // namespace
}  // namespace blixard::rpc
