#include "scheduler/traces/node_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/traces/csv_file.h"
#include "tests/scheduler/traces/public_traces.h"

namespace blixard::scheduler::traces {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(NodeFileTest, ReadsOurOwnFormat) {
  const auto nodes = ReadNodeFile(
      CsvFile("name,vcpu_milli,memory_mib,disk_gib\nrack1.a,48000,786432,2000\nb,500,1,0\n"));
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  ASSERT_EQ(nodes->size(), 2u);
  EXPECT_EQ((*nodes)[0].name, "rack1.a");
  EXPECT_EQ((*nodes)[0].capacity,
            (Resources{.vcpu_milli = 48'000, .memory_mib = 786'432, .disk_gib = 2'000}));
  EXPECT_EQ((*nodes)[1].capacity.disk_gib, 0u);
}

TEST(NodeFileTest, TellsTheKindByTheHeader) {
  struct Case {
    const char* text;
    const char* name;
  };
  for (const Case& c : std::vector<Case>{
           {"sn,cpu_milli,memory_mib,gpu,model\nn7,1,1,0,\n", "n7"},
           {"CPU1,RAM1,CPU2,RAM2\n1,1,1,1\n", "host-0"},
           {"disk_gib,\"memory_mib\", vcpu_milli ,name\n0,1,1,other-order\n", "other-order"},
           {"\xEF\xBB\xBFname,vcpu_milli,memory_mib,disk_gib\r\nmark,1,1,0\r\n", "mark"}}) {
    SCOPED_TRACE(c.name);
    const auto nodes = ReadNodeFile(CsvFile(c.text));
    ASSERT_TRUE(nodes.ok()) << nodes.status();
    ASSERT_EQ(nodes->size(), 1u);
    EXPECT_EQ((*nodes)[0].name, c.name);
  }
}

TEST(NodeFileTest, UnknownHeaderShowsWhatIsKnown) {
  const auto nodes = ReadNodeFile(CsvFile("host,cpus\na,1\n"));
  EXPECT_EQ(nodes.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(nodes.status().message()),
              HasSubstr("want the columns name,vcpu_milli,memory_mib,disk_gib or "
                        "sn,cpu_milli,memory_mib or CPU1,RAM1,CPU2,RAM2, got \"host,cpus\""));
}

TEST(NodeFileTest, RejectsTheFirstWrongLine) {
  struct Case {
    const char* row;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{
           {"a,1,1,0", ".csv:3: name: want a value not seen before, got \"a\""},
           {"b,0,1,0", ".csv:3: vcpu_milli: want a whole number from 1 to 2147483647, got \"0\""},
           {"b,1,0,0", ".csv:3: memory_mib: want a whole number from 1 to 2147483647, got \"0\""},
           {"b,1,1,-1",
            ".csv:3: disk_gib: want a whole number from 0 to 2147483647, got \"-1\""}}) {
    SCOPED_TRACE(c.row);
    const auto nodes = ReadNodeFile(
        CsvFile(absl::StrCat("name,vcpu_milli,memory_mib,disk_gib\na,1,1,0\n", c.row, "\n")));
    EXPECT_THAT(std::string(nodes.status().message()), EndsWith(c.want));
  }
}

TEST(NodeFileTest, EmptyAndMissingFilesAreErrors) {
  EXPECT_THAT(std::string(ReadNodeFile(CsvFile("")).status().message()),
              EndsWith("want a header line, got an empty file"));
  EXPECT_EQ(ReadNodeFile(testing::TempDir() + "/absent.csv").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(NodeFileTest, ReadsThePublicNodeLists) {
  const std::string openb = PublicTrace("alibaba-openb/openb_node_list_gpu_node.csv");
  BLIXARD_SKIP_WITHOUT(openb);
  EXPECT_EQ(ReadNodeFile(openb)->size(), 1'213u);
  EXPECT_EQ(ReadNodeFile(PublicTrace("huawei-topology/PM_res.csv"))->size(), 1'710u);
}

}  // namespace
}  // namespace blixard::scheduler::traces
