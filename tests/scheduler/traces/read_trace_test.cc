#include "scheduler/traces/read_trace.h"

#include "gtest/gtest.h"
#include "tests/scheduler/traces/csv_file.h"

namespace blixard::scheduler::traces {
namespace {

struct Case {
  TraceFormat format;
  const char* text;
  const char* first_name;
};
const Case kCases[] = {
    {TraceFormat::kAzurePacking, "vmId,cores,ram,starttime,endtime\n5,50,2,0,1\n", "vm-5"},
    {TraceFormat::kOpenb, "name,cpu_milli,memory_mib\npod-a,1,1\n", "pod-a"},
    {TraceFormat::kHuaweiTopology, "flavor_vcpus,flavor_ram\n2,4\n", "vm-0"},
};

TEST(ReadTraceTest, UsesTheReaderOfTheFormat) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(TraceFormatName(c.format));
    const auto trace = ReadTrace(c.format, CsvFile(c.text));
    ASSERT_TRUE(trace.ok()) << trace.status();
    EXPECT_TRUE(trace->nodes.empty());
    ASSERT_EQ(trace->vms.size(), 1u);
    EXPECT_EQ(trace->vms[0].name, c.first_name);
  }
}

TEST(ReadTraceTest, FileOfAnotherFormatIsRejected) {
  for (const Case& file : kCases) {
    for (const Case& reader : kCases) {
      if (file.format == reader.format) continue;
      EXPECT_EQ(ReadTrace(reader.format, CsvFile(file.text)).status().code(),
                absl::StatusCode::kInvalidArgument);
    }
  }
}

TEST(ReadTraceTest, MissingFileIsNotFound) {
  for (const Case& c : kCases) {
    EXPECT_EQ(ReadTrace(c.format, testing::TempDir() + "/absent.csv").status().code(),
              absl::StatusCode::kNotFound);
  }
}

}  // namespace
}  // namespace blixard::scheduler::traces
