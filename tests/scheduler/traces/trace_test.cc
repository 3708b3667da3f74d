#include "scheduler/traces/trace.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace blixard::scheduler::traces {
namespace {

using testing::HasSubstr;

TEST(TraceFormatTest, EveryNameParsesToItsFormat) {
  for (const TraceFormat format :
       {TraceFormat::kAzurePacking, TraceFormat::kOpenb, TraceFormat::kHuaweiTopology}) {
    const auto parsed = ParseTraceFormat(TraceFormatName(format));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, format);
  }
  EXPECT_EQ(TraceFormatName(TraceFormat::kAzurePacking), "azure-packing");
  EXPECT_EQ(TraceFormatName(TraceFormat::kOpenb), "openb");
  EXPECT_EQ(TraceFormatName(TraceFormat::kHuaweiTopology), "huawei-topology");
}

TEST(TraceFormatTest, UnknownNameListsWhatThereIs) {
  for (const char* name : {"", "azure", "OPENB", "openb "}) {
    SCOPED_TRACE(name);
    const auto parsed = ParseTraceFormat(name);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(parsed.status().message(),
                HasSubstr("want one of azure-packing, openb, huawei-topology, got \""));
    EXPECT_THAT(parsed.status().message(), HasSubstr(name));
  }
}

}  // namespace
}  // namespace blixard::scheduler::traces
