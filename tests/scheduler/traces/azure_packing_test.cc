#include "scheduler/traces/azure_packing.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/traces/csv_file.h"
#include "tests/scheduler/traces/public_traces.h"

namespace blixard::scheduler::traces {
namespace {

using testing::EndsWith;

constexpr char kHeader[] = "vmId,tenantId,cores,ram,vmTypeId,starttime,endtime\n";

TEST(AzurePackingTest, ReadsSizesAndTimes) {
  const auto vms = ReadAzurePacking(CsvFile(absl::StrCat(kHeader,
                                                         "10939,3560,30.0,7.0,0,-1497.0,inf\n"
                                                         "7,1,100.0,1.75,1,0.5,0.75\n"
                                                         "8,1,50,14,1,0.5,\n")));
  ASSERT_TRUE(vms.ok()) << vms.status();
  ASSERT_EQ(vms->size(), 3u);
  const VmArrival& before = (*vms)[0];
  EXPECT_EQ(before.name, "vm-10939");
  EXPECT_EQ(before.resources, (Resources{.vcpu_milli = 600, .memory_mib = 7168}));
  EXPECT_EQ(before.arrives_days, -1497);
  EXPECT_EQ(before.departs_days, kNever);
  const VmArrival& spot = (*vms)[1];
  EXPECT_EQ(spot.resources, (Resources{.vcpu_milli = 2000, .memory_mib = 1792}));
  EXPECT_EQ(spot.arrives_days, 0.5);
  EXPECT_EQ(spot.departs_days, 0.75);
  EXPECT_EQ((*vms)[2].departs_days, kNever);
}

TEST(AzurePackingTest, RejectsTheFirstWrongLine) {
  struct Case {
    const char* row;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{
           {"1,1,50,7,0,0,1", ".csv:3: vmId: want a value not seen before, got \"1\""},
           {"a/b,1,50,7,0,0,1", ".csv:3: vmId: want 1 to 60 of A-Z a-z 0-9 . _ -, got \"a/b\""},
           {"2,1,0,7,0,0,1",
            ".csv:3: cores: want a number above 0 and at most 107374182, got \"0\""},
           {"2,1,50,-7,0,0,1",
            ".csv:3: ram: want a number above 0 and at most 2097151, got \"-7\""},
           {"2,1,50,7,0,soon,1",
            ".csv:3: starttime: want a number of days within +-1e+06, got \"soon\""},
           {"2,1,50,7,0,0,nan",
            ".csv:3: endtime: want a number of days within +-1e+06, got \"nan\""},
           {"2,1,50,7,0,1,1", ".csv:3: endtime: want a time after starttime, got \"1\""},
           {"2,1,50,7,0,1,0.5", ".csv:3: endtime: want a time after starttime, got \"0.5\""}}) {
    SCOPED_TRACE(c.row);
    const auto vms =
        ReadAzurePacking(CsvFile(absl::StrCat(kHeader, "1,1,50,7,0,0,1\n", c.row, "\n")));
    EXPECT_EQ(vms.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(vms.status().message()), EndsWith(c.want));
  }
}

TEST(AzurePackingTest, RejectsAFileWithoutItsColumns) {
  const auto vms = ReadAzurePacking(CsvFile("name,cpu_milli,memory_mib\na,1,1\n"));
  EXPECT_THAT(std::string(vms.status().message()),
              EndsWith(".csv:1: header: want a column \"vmId\", got none"));
}

TEST(AzurePackingTest, ReadsThePublicSample) {
  const std::string path = PublicTrace("azure-packing/bernoulli_0.csv");
  BLIXARD_SKIP_WITHOUT(path);
  const auto vms = ReadAzurePacking(path);
  ASSERT_TRUE(vms.ok()) << vms.status();
  EXPECT_EQ(vms->size(), 52'509u);
  EXPECT_EQ(std::count_if(vms->begin(), vms->end(),
                          [](const VmArrival& vm) { return vm.departs_days == kNever; }),
            4'629);
  EXPECT_EQ(std::count_if(vms->begin(), vms->end(),
                          [](const VmArrival& vm) { return vm.arrives_days < 0; }),
            7'396);
}

}  // namespace
}  // namespace blixard::scheduler::traces
