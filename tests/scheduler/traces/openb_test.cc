#include "scheduler/traces/openb.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/traces/csv_file.h"
#include "tests/scheduler/traces/public_traces.h"

namespace blixard::scheduler::traces {
namespace {

using testing::EndsWith;

constexpr char kPodHeader[] =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
    "deletion_time,scheduled_time\n";

TEST(OpenbNodesTest, ReadsNameAndCapacity) {
  const auto nodes = ReadOpenbNodes(
      CsvFile("sn,cpu_milli,memory_mib,gpu,model\nopenb-node-0000,64000,262144,2,P100\n"));
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  ASSERT_EQ(nodes->size(), 1u);
  EXPECT_EQ((*nodes)[0].name, "openb-node-0000");
  EXPECT_EQ((*nodes)[0].capacity, (Resources{.vcpu_milli = 64000, .memory_mib = 262144}));
}

TEST(OpenbNodesTest, RejectsTheFirstWrongLine) {
  struct Case {
    const char* row;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{
           {"n,1000,1024,0,", ".csv:3: sn: want a value not seen before, got \"n\""},
           {"m,0,1024,0,",
            ".csv:3: cpu_milli: want a whole number from 1 to 2147483647, got \"0\""},
           {"m,1,,0,", ".csv:3: memory_mib: want a whole number from 1 to 2147483647, got \"\""}}) {
    SCOPED_TRACE(c.row);
    const auto nodes = ReadOpenbNodes(
        CsvFile(absl::StrCat("sn,cpu_milli,memory_mib,gpu,model\nn,1,1,0,\n", c.row, "\n")));
    EXPECT_THAT(std::string(nodes.status().message()), EndsWith(c.want));
  }
}

TEST(OpenbPodsTest, ReadsSizesAndTimes) {
  const auto pods =
      ReadOpenbPods(CsvFile(absl::StrCat(kPodHeader,
                                         "a,12000,16384,1,1000,,LS,Running,0,86400,0\n"
                                         "b,6000,12288,1,460,,LS,Running,43200,,43200\n")));
  ASSERT_TRUE(pods.ok()) << pods.status();
  ASSERT_EQ(pods->size(), 2u);
  EXPECT_EQ((*pods)[0].name, "a");
  EXPECT_EQ((*pods)[0].resources, (Resources{.vcpu_milli = 12000, .memory_mib = 16384}));
  EXPECT_EQ((*pods)[0].arrives_days, 0);
  EXPECT_EQ((*pods)[0].departs_days, 1);
  EXPECT_EQ((*pods)[1].arrives_days, 0.5);
  EXPECT_EQ((*pods)[1].departs_days, kNever);
}

TEST(OpenbPodsTest, PodDeletedInTheSecondOfItsCreationLivesOneSecond) {
  const auto pods = ReadOpenbPods(
      CsvFile(absl::StrCat(kPodHeader, "a,8000,30517,1,230,,BE,Pending,12774042,12774042,\n")));
  ASSERT_TRUE(pods.ok()) << pods.status();
  EXPECT_NEAR((*pods)[0].departs_days - (*pods)[0].arrives_days, 1.0 / 86'400, 1e-9);
}

TEST(OpenbPodsTest, PodThatAskedForNoMemoryGetsTheLeast) {
  const auto pods = ReadOpenbPods(
      CsvFile(absl::StrCat(kPodHeader, "a,14000,0,1,1000,,Burstable,Succeeded,1,2,1\n")));
  ASSERT_TRUE(pods.ok()) << pods.status();
  EXPECT_EQ((*pods)[0].resources.memory_mib, 1u);
}

TEST(OpenbPodsTest, WithoutTimeColumnsAllArriveAtOnceAndNoneLeaves) {
  const auto pods =
      ReadOpenbPods(CsvFile("name,cpu_milli,memory_mib,num_gpu,gpu_milli\nb,1,1,0,0\na,1,1,0,0\n"));
  ASSERT_TRUE(pods.ok()) << pods.status();
  ASSERT_EQ(pods->size(), 2u);
  EXPECT_EQ((*pods)[0].name, "b");
  for (const VmArrival& pod : *pods) {
    EXPECT_EQ(pod.arrives_days, 0);
    EXPECT_EQ(pod.departs_days, kNever);
  }
}

TEST(OpenbPodsTest, RejectsTheFirstWrongLine) {
  struct Case {
    const char* row;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{
           {"a,1,1,0,0,,LS,Running,5,9,5", ".csv:3: name: want a value not seen before, got \"a\""},
           {"b,0,1,0,0,,LS,Running,5,9,5",
            ".csv:3: cpu_milli: want a whole number from 1 to 2147483647, got \"0\""},
           {"b,1,-1,0,0,,LS,Running,5,9,5",
            ".csv:3: memory_mib: want a whole number from 0 to 2147483647, got \"-1\""},
           {"b,1,1,0,0,,LS,Running,,9,5",
            ".csv:3: creation_time: want whole seconds from 0 to 10000000000, got \"\""},
           {"b,1,1,0,0,,LS,Running,5,later,5",
            ".csv:3: deletion_time: want whole seconds from 0 to 10000000000, got \"later\""},
           {"b,1,1,0,0,,LS,Running,5,4,5",
            ".csv:3: deletion_time: want a time not before creation_time, got \"4\""}}) {
    SCOPED_TRACE(c.row);
    const auto pods = ReadOpenbPods(
        CsvFile(absl::StrCat(kPodHeader, "a,1,1,0,0,,LS,Running,5,9,5\n", c.row, "\n")));
    EXPECT_EQ(pods.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(pods.status().message()), EndsWith(c.want));
  }
}

TEST(OpenbPodsTest, RejectsDeletionWithoutCreation) {
  const auto pods = ReadOpenbPods(CsvFile("name,cpu_milli,memory_mib,deletion_time\na,1,1,5\n"));
  EXPECT_THAT(std::string(pods.status().message()),
              EndsWith(".csv:2: creation_time: want a column beside deletion_time, got no such "
                       "column"));
}

TEST(OpenbTest, ReadsThePublicLists) {
  const std::string node_path = PublicTrace("alibaba-openb/openb_node_list_gpu_node.csv");
  BLIXARD_SKIP_WITHOUT(node_path);
  const auto nodes = ReadOpenbNodes(node_path);
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  EXPECT_EQ(nodes->size(), 1'213u);
  struct Case {
    const char* file;
    size_t pods;
  };
  for (const Case& c : std::vector<Case>{{"alibaba-openb/openb_pod_list_default.csv", 8'152},
                                         {"alibaba-openb/openb_pod_list_cpu250.csv", 9'420},
                                         {"alibaba-openb/openb_pod_list_multigpu20.csv", 8'324}}) {
    SCOPED_TRACE(c.file);
    const auto pods = ReadOpenbPods(PublicTrace(c.file));
    ASSERT_TRUE(pods.ok()) << pods.status();
    EXPECT_EQ(pods->size(), c.pods);
  }
}

}  // namespace
}  // namespace blixard::scheduler::traces
