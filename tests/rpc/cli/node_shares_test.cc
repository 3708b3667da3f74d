#include "rpc/cli/node_shares.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace blixard::rpc {
namespace {

TEST(NodeSharesTest, NodeWithoutCapacityHasNoShare) {
  EXPECT_EQ(VcpuShare({"n", 500, 1000, 0, 0, 1}), 0.5);
  EXPECT_EQ(VcpuShare({"n", 500, 0, 0, 0, 1}), 0);
  EXPECT_EQ(MemoryShare({"n", 0, 0, 3, 4, 1}), 0.75);
}

TEST(NodeSharesTest, NodeWithAnythingOnItIsInUse) {
  EXPECT_FALSE(IsInUse({"n", 0, 1000, 0, 1000, 0}));
  EXPECT_TRUE(IsInUse({"n", 0, 1000, 0, 1000, 1}));
  EXPECT_TRUE(IsInUse({"n", 1, 1000, 0, 1000, 0}));
  EXPECT_TRUE(IsInUse({"n", 0, 1000, 1, 1000, 0}));
}

TEST(NodeSharesTest, SumsTellStrandedFromFree) {
  const std::vector<ReportNode> nodes = {
      {"cpu full", 96, 100, 30, 100, 2},   {"memory full", 10, 100, 100, 100, 3},
      {"both full", 100, 100, 99, 100, 1}, {"half", 50, 100, 50, 100, 1},
      {"over", 100, 100, 120, 100, 1},     {"empty", 0, 100, 0, 100, 0}};
  const FleetSums sums = SumFleet(nodes);
  EXPECT_EQ(sums.nodes, 6u);
  EXPECT_EQ(sums.nodes_in_use, 5u);
  EXPECT_EQ(sums.all.vcpu_milli_used, 356u);
  EXPECT_EQ(sums.all.vcpu_milli_capacity, 600u);
  EXPECT_EQ(sums.in_use.vcpu_milli_capacity, 500u);
  EXPECT_EQ(sums.all.vms, 8u);
  EXPECT_EQ(sums.stranded_vcpu_milli, 90u);
  EXPECT_EQ(sums.stranded_memory_mib, 70u + 1);
}

TEST(NodeSharesTest, GroupsKeepEveryNodeAndTheBound) {
  for (const size_t count : {size_t{0}, size_t{1}, kMaxShownNodes, kMaxShownNodes + 1,
                             kMaxShownNodes * 2, kMaxShownNodes * 7 + 3}) {
    SCOPED_TRACE(count);
    std::vector<ReportNode> nodes;
    for (size_t i = 0; i < count; ++i) nodes.push_back({absl::StrCat(i), 1, 2, 3, 4, 5});
    const std::vector<ReportNode> shown = GroupForShow(nodes);
    EXPECT_LE(shown.size(), kMaxShownNodes);
    uint64_t vms = 0;
    for (const ReportNode& group : shown) vms += group.vms;
    EXPECT_EQ(vms, count * 5);
    if (count > 0 && count <= kMaxShownNodes) {
      EXPECT_EQ(shown.back().name, nodes.back().name);
    }
  }
}

TEST(NodeSharesTest, DescribesOneNodeInALine) {
  EXPECT_EQ(DescribeNode({"n-1", 2'500, 48'000, 512, 786'432, 1}),
            "n-1: 2.5 of 48 vCPU (5.21 %), 512 MiB of 768 GiB (0.07 %), 1 VM");
}

TEST(NodeSharesTest, MemoryIsSaidInTheUnitThatReadsWell) {
  EXPECT_EQ(FormatMemory(0), "0 GiB");
  EXPECT_EQ(FormatMemory(1), "1 MiB");
  EXPECT_EQ(FormatMemory(1'536), "1.5 GiB");
  EXPECT_EQ(FormatMemory(2'304 * 1'024), "2,304 GiB");
  EXPECT_EQ(FormatMemory(uint64_t{20} * 1'024 * 1'024), "20 TiB");
}

}  // namespace
}  // namespace blixard::rpc
