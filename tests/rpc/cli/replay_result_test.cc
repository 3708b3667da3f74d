#include "rpc/cli/replay_result.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace blixard::rpc {
namespace {

v1::Node MakeNode(uint32_t used_milli, uint32_t vms) {
  v1::Node node;
  node.mutable_capacity()->set_vcpu_milli(4000);
  node.mutable_capacity()->set_memory_mib(8192);
  node.mutable_used()->set_vcpu_milli(used_milli);
  node.mutable_used()->set_memory_mib(used_milli);
  node.set_vms(vms);
  return node;
}

struct Setting {
  ReplayLog log;
  std::vector<v1::ReplicaStatus> before;
  std::vector<ReplicaContent> replicas;
};

Setting MakeSetting() {
  Setting setting;
  for (int i = 1; i <= 1000; ++i) {
    setting.log.requests.push_back({.kind = ReplayedKind::kPlaced,
                                    .latency_us = static_cast<float>(i),
                                    .answered_at = static_cast<float>(i) / 1000});
  }
  setting.log.requested = 1007;
  setting.log.placed = 1000;
  setting.log.rejected[static_cast<size_t>(RejectReason::kMemory)] = 2;
  setting.log.rejected[static_cast<size_t>(RejectReason::kTooLarge)] = 5;
  setting.log.seconds = 2;
  setting.before.resize(2);
  setting.replicas.resize(2);
  for (size_t i = 0; i < 2; ++i) {
    setting.before[i].mutable_counters()->set_wal_syncs(10);
    setting.before[i].mutable_counters()->set_proposals(100);
    v1::ReplicaStatus& status = setting.replicas[i].status;
    status.set_replica_id(i + 1);
    status.set_role(i == 0 ? v1::ROLE_LEADER : v1::ROLE_FOLLOWER);
    status.mutable_counters()->set_wal_syncs(60);
    status.mutable_counters()->set_proposals(1100);
    setting.replicas[i].nodes = {MakeNode(3000, 2), MakeNode(0, 0)};
  }
  return setting;
}

v1::ReplayResult Summarized(const Setting& setting) {
  return Summarize(setting.log, Verdict{.digests_equal = true}, setting.before, setting.replicas,
                   /*retries=*/3);
}

TEST(ReplayResultTest, FiguresAreThoseOfTheLog) {
  const v1::ReplayResult result = Summarized(MakeSetting());
  EXPECT_EQ(result.requested(), 1007u);
  EXPECT_EQ(result.rejected(), 7u);
  EXPECT_EQ(result.rejected_by_reason().memory(), 2u);
  EXPECT_EQ(result.rejected_by_reason().larger_than_any_node(), 5u);
  EXPECT_DOUBLE_EQ(result.placements_per_s(), 500);
  EXPECT_DOUBLE_EQ(result.latency_us().p50(), 500);
  EXPECT_DOUBLE_EQ(result.latency_us().p99(), 990);
  EXPECT_DOUBLE_EQ(result.latency_us().p999(), 999);
  EXPECT_DOUBLE_EQ(result.latency_us().max(), 1000);
  EXPECT_EQ(result.nodes_used(), 1u);
  EXPECT_EQ(result.nodes_empty(), 1u);
  EXPECT_DOUBLE_EQ(result.cpu_utilisation(), 3.0 / 8);
  EXPECT_DOUBLE_EQ(result.cpu_utilisation_used_nodes(), 3.0 / 4);
}

TEST(ReplayResultTest, FsyncsAreThoseOfTheReplay) {
  const v1::ReplayResult result = Summarized(MakeSetting());
  EXPECT_DOUBLE_EQ(result.fsyncs(), 100);
  EXPECT_DOUBLE_EQ(result.proposals_per_fsync(), 1000.0 / 50);
}

TEST(ReplayResultTest, RestartedReplicaCountsFromZero) {
  Setting setting = MakeSetting();
  setting.replicas[1].status.mutable_counters()->set_wal_syncs(4);
  EXPECT_DOUBLE_EQ(Summarized(setting).fsyncs(), 54);
}

TEST(ReplayResultTest, NothingReplayedIsAllZeroes) {
  const v1::ReplayResult result = Summarize({}, {}, {}, {}, 0);
  EXPECT_EQ(result.placements_per_s(), 0);
  EXPECT_EQ(result.latency_us().p999(), 0);
  EXPECT_FALSE(result.digests_equal());
  EXPECT_FALSE(RenderTable(result).empty());
}

TEST(ReplayResultTest, TableSaysLoudlyThatReplicasDiffer) {
  v1::ReplayResult result = Summarized(MakeSetting());
  EXPECT_EQ(RenderTable(result).find("NO"), std::string::npos);
  result.set_digests_equal(false);
  EXPECT_NE(RenderTable(result).find("NO"), std::string::npos);
}

TEST(ReplayResultTest, ReportShowsNodesAndLatency) {
  const Setting setting = MakeSetting();
  const Report report = MakeReport(Summarized(setting), setting.log, setting.replicas, "a trace");
  EXPECT_EQ(report.nodes.size(), 2u);
  double placed = 0;
  for (const ReportPoint& point : report.series) {
    placed += point.placements_per_second * report.series[0].seconds;
  }
  EXPECT_NEAR(placed, 1000, 1e-6);
  EXPECT_DOUBLE_EQ(report.series.back().vms_alive, 1000);
}

}  // namespace
}  // namespace blixard::rpc
