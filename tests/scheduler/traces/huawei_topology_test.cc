#include "scheduler/traces/huawei_topology.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/traces/csv_file.h"
#include "tests/scheduler/traces/public_traces.h"

namespace blixard::scheduler::traces {
namespace {

using testing::EndsWith;

TEST(HuaweiNodesTest, CapacityIsTheSumOfBothNumaNodes) {
  const auto nodes = ReadHuaweiNodes(CsvFile("CPU1,RAM1,CPU2,RAM2\n16,32,32,64\n4,7,0,0\n"));
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  ASSERT_EQ(nodes->size(), 2u);
  EXPECT_EQ((*nodes)[0].name, "host-0");
  EXPECT_EQ((*nodes)[0].capacity, (Resources{.vcpu_milli = 48'000, .memory_mib = 96 * 1024}));
  EXPECT_EQ((*nodes)[1].name, "host-1");
  EXPECT_EQ((*nodes)[1].capacity, (Resources{.vcpu_milli = 4'000, .memory_mib = 7 * 1024}));
}

TEST(HuaweiNodesTest, RejectsTheFirstWrongLine) {
  struct Case {
    const char* row;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{
           {"0,1,0,1", ".csv:3: CPU1: want above 0 on one NUMA node at least, got \"0\""},
           {"1,0,1,0", ".csv:3: RAM1: want above 0 on one NUMA node at least, got \"0\""},
           {"1,-1,1,1", ".csv:3: RAM1: want a whole number from 0 to 2097151, got \"-1\""},
           {"1,2000000,1,2000000",
            ".csv:3: RAM2: want at most 2097151 with its other half, got \"2000000\""},
           {"1,1,1", ".csv:3: columns: want as many as in the header, got fewer"}}) {
    SCOPED_TRACE(c.row);
    const auto nodes =
        ReadHuaweiNodes(CsvFile(absl::StrCat("CPU1,RAM1,CPU2,RAM2\n1,1,1,1\n", c.row, "\n")));
    EXPECT_EQ(nodes.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(nodes.status().message()), EndsWith(c.want));
  }
}

TEST(HuaweiVmsTest, ReadsFlavorsInFileOrderAndNoneLeaves) {
  const auto vms = ReadHuaweiVms(CsvFile(
      "flavor_vcpus,flavor_ram,numa,strategy,group,domain\n8,16,1,fault_domain,0,1\n2,4,1,,,\n"));
  ASSERT_TRUE(vms.ok()) << vms.status();
  ASSERT_EQ(vms->size(), 2u);
  EXPECT_EQ((*vms)[0].name, "vm-0");
  EXPECT_EQ((*vms)[0].resources, (Resources{.vcpu_milli = 8'000, .memory_mib = 16 * 1024}));
  EXPECT_EQ((*vms)[1].name, "vm-1");
  EXPECT_EQ((*vms)[1].arrives_days, 0);
  EXPECT_EQ((*vms)[1].departs_days, kNever);
}

TEST(HuaweiVmsTest, RejectsTheFirstWrongLine) {
  const auto vms = ReadHuaweiVms(CsvFile("flavor_vcpus,flavor_ram\n8,16\n0,4\n"));
  EXPECT_THAT(std::string(vms.status().message()),
              EndsWith(".csv:3: flavor_vcpus: want a whole number from 1 to 2147483, got \"0\""));
}

TEST(HuaweiTopologyTest, ReadsThePublicFiles) {
  const std::string node_path = PublicTrace("huawei-topology/PM_res.csv");
  BLIXARD_SKIP_WITHOUT(node_path);
  const auto nodes = ReadHuaweiNodes(node_path);
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  EXPECT_EQ(nodes->size(), 1'710u);
  for (const char* file : {"VM_data_C1.csv", "VM_data_C2.csv", "VM_data_C4.csv"}) {
    SCOPED_TRACE(file);
    const auto vms = ReadHuaweiVms(PublicTrace(absl::StrCat("huawei-topology/", file)));
    ASSERT_TRUE(vms.ok()) << vms.status();
    EXPECT_EQ(vms->size(), 4'998u);
  }
}

}  // namespace
}  // namespace blixard::scheduler::traces
