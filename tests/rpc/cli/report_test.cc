#include "rpc/cli/report.h"

#include <sys/stat.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/cli/well_formed.h"

namespace blixard::rpc {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Report SmallReport() {
  Report report;
  report.title = "Replay";
  report.subtitle = "three replicas";
  report.headlines = {{"Placed", "20,000", "VMs"}, {"Digests", "equal", ""}};
  report.nodes = {{"node-1", 24'000, 48'000, 393'216, 786'432, 7},
                  {"node-2", 0, 48'000, 0, 786'432, 0}};
  report.series = {{0.5, 100, 50}, {1, 200, 150}};
  report.latency = {.buckets = {{100, 5}, {1000, 95}}, .percentiles = {{"p50", 400}}};
  return report;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

TEST(RenderReportTest, ShowsEveryPartOfTheInput) {
  const std::string html = RenderReport(SmallReport());
  EXPECT_EQ(WhatIsMalformed(html), "");
  EXPECT_THAT(html, HasSubstr("<title>Replay</title>"));
  EXPECT_THAT(html, HasSubstr("<h1>Replay</h1>"));
  EXPECT_THAT(html, HasSubstr("three replicas"));
  EXPECT_THAT(html, HasSubstr("20,000"));
  EXPECT_THAT(html, HasSubstr("node-1: 24 of 48 vCPU (50 %), 384 GiB of 768 GiB (50 %), 7 VMs"));
  EXPECT_THAT(html, HasSubstr("1 s: 200 placements a second"));
  EXPECT_THAT(html, HasSubstr("1 s: 150 VMs alive"));
  EXPECT_THAT(html, HasSubstr("100 µs to 1 ms: 95 requests"));
  EXPECT_THAT(html, HasSubstr("p50 400 µs"));
}

TEST(RenderReportTest, FetchesNothingAndRunsNoScript) {
  const std::string html = RenderReport(SmallReport());
  for (const char* absent : {"<script", "src=", "href=", "url(", "@import", "http:", "https:"}) {
    EXPECT_THAT(html, Not(HasSubstr(absent)));
  }
}

TEST(RenderReportTest, IsTheSameForTheSameInput) {
  EXPECT_EQ(RenderReport(SmallReport()), RenderReport(SmallReport()));
}

TEST(RenderReportTest, EscapesEveryTextOfTheInput) {
  const std::string bad = "<b a='1' b=\"2\">&\x01";
  Report report = SmallReport();
  report.title = report.subtitle = bad;
  report.headlines = {{bad, bad, bad}};
  for (ReportNode& node : report.nodes) node.name = bad;
  report.latency.percentiles = {{bad, 400}};
  const std::string html = RenderReport(report);
  EXPECT_EQ(WhatIsMalformed(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<b ")));
  EXPECT_THAT(html, Not(HasSubstr("\x01")));
  const std::string good = "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;\xEF\xBF\xBD";
  // Twice the title, the subtitle, three of the headline, each node in two maps, the percentile.
  EXPECT_EQ(CountOf(good, html), 2u + 1 + 3 + 4 + 1);
}

TEST(RenderReportTest, PartsWithoutDataSaySo) {
  const std::string html = RenderReport(Report{});
  EXPECT_EQ(WhatIsMalformed(html), "");
  EXPECT_THAT(html, HasSubstr("No nodes in this report."));
  EXPECT_THAT(html, HasSubstr("No time series in this report."));
  EXPECT_THAT(html, HasSubstr("No latencies in this report."));
  EXPECT_THAT(RenderReport(SmallReport()), Not(HasSubstr("in this report.")));
}

TEST(RenderReportTest, OddNumbersLeaveAPageThatReads) {
  const double kInf = std::numeric_limits<double>::infinity();
  Report report;
  report.nodes = {{"no capacity", 5, 0, 5, 0, 1}, {"over", 96'000, 48'000, 1, 1, 1}};
  report.series = {{0, NAN, -1}, {0, kInf, kInf}};
  report.latency = {.buckets = {{NAN, 1}, {-1, 1}, {10, 1}, {10, 1}, {5, 2}, {kInf, 3}},
                    .percentiles = {{"nan", NAN}, {"zero", 0}, {"inf", kInf}, {"fine", 3}}};
  const std::string html = RenderReport(report);
  EXPECT_EQ(WhatIsMalformed(html), "");
  for (const char* absent : {"=\"nan", "=\"inf", "=\"-nan", "=\"-inf", ",nan", ",inf"}) {
    EXPECT_THAT(html, Not(HasSubstr(absent)));
  }
  EXPECT_THAT(html, HasSubstr("class=\"over\"><title>over: 96 of 48 vCPU (200 %)"));
  EXPECT_THAT(html, HasSubstr("fine 3 µs"));
}

TEST(RenderReportTest, ManyThousandNodesStayAFewMegabytes) {
  Report report;
  for (int i = 0; i < 100'000; ++i) {
    report.nodes.push_back({absl::StrCat("node-", i), 10'000, 48'000, 100, 1'000, 3});
  }
  const std::string html = RenderReport(report);
  EXPECT_EQ(WhatIsMalformed(html), "");
  EXPECT_LT(html.size(), size_t{6} << 20);
  EXPECT_THAT(html, HasSubstr("A square is 10 neighbouring nodes"));
  EXPECT_THAT(html, HasSubstr("node-0 to node-9: 100 of 480 vCPU"));
  EXPECT_THAT(html, HasSubstr("100,000 of 100,000"));
}

TEST(SummarizeLatencyTest, CountsEverySampleInTheBucketThatHoldsIt) {
  std::vector<double> samples = {1000, 1, 10, 10.1, 12};
  const ReportLatency latency = SummarizeLatency(absl::MakeSpan(samples));
  ASSERT_EQ(latency.buckets.size(), 31u);  // 10^0 to 10^3 in tenths
  EXPECT_DOUBLE_EQ(latency.buckets.front().up_to_us, 1);
  EXPECT_DOUBLE_EQ(latency.buckets.back().up_to_us, 1000);
  EXPECT_EQ(latency.buckets[0].count, 1u);
  EXPECT_EQ(latency.buckets[10].count, 1u);
  EXPECT_EQ(latency.buckets[11].count, 2u);
  EXPECT_EQ(latency.buckets[30].count, 1u);
}

TEST(SummarizeLatencyTest, PercentilesAreSamples) {
  std::vector<double> samples;
  for (int i = 1'000; i >= 1; --i) samples.push_back(i);
  const ReportLatency latency = SummarizeLatency(absl::MakeSpan(samples));
  ASSERT_EQ(latency.percentiles.size(), 5u);
  const std::vector<std::pair<std::string, double>> want = {
      {"p50", 500}, {"p90", 900}, {"p99", 990}, {"p99.9", 999}, {"max", 1'000}};
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(latency.percentiles[i].label, want[i].first);
    EXPECT_EQ(latency.percentiles[i].us, want[i].second);
  }
  std::vector<double> one = {7};
  for (const ReportPercentile& percentile : SummarizeLatency(absl::MakeSpan(one)).percentiles) {
    EXPECT_EQ(percentile.us, 7);
  }
}

TEST(SummarizeLatencyTest, NoSamplesAreNothingAndOddOnesAreBounded) {
  const ReportLatency nothing = SummarizeLatency({});
  EXPECT_THAT(nothing.buckets, IsEmpty());
  EXPECT_THAT(nothing.percentiles, IsEmpty());
  std::vector<double> odd = {NAN, -5, 0, std::numeric_limits<double>::infinity()};
  const ReportLatency latency = SummarizeLatency(absl::MakeSpan(odd));
  EXPECT_LT(latency.buckets.size(), 160u);
  EXPECT_EQ(latency.buckets.front().count, 3u);
  EXPECT_EQ(latency.buckets.back().count, 1u);
}

TEST(WriteReportTest, CreatesTheFolderAndReplacesThePage) {
  const std::string directory = testing::TempDir() + "/write_report/nested/twice";
  ASSERT_TRUE(WriteReport(SmallReport(), directory).ok());
  EXPECT_EQ(ReadFile(directory + "/index.html"), RenderReport(SmallReport()));
  Report other = SmallReport();
  other.title = "Another";
  ASSERT_TRUE(WriteReport(other, directory).ok());
  EXPECT_EQ(ReadFile(directory + "/index.html"), RenderReport(other));
  struct stat left_over;
  EXPECT_NE(stat((directory + "/index.html.new").c_str(), &left_over), 0);
}

TEST(WriteReportTest, FolderThatCannotBeIsAnErrorWithItsPath) {
  const std::string file = testing::TempDir() + "/plain_file";
  std::ofstream(file) << "not a folder";
  for (const std::string& directory : {file, file + "/below"}) {
    SCOPED_TRACE(directory);
    const absl::Status status = WriteReport(SmallReport(), directory);
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr(directory));
  }
  EXPECT_EQ(WriteReport(SmallReport(), "").code(), absl::StatusCode::kInvalidArgument);
}

TEST(WriteReportTest, FolderThatTakesNoFilesIsAnErrorWithThePath) {
  // Even root creates no file there.
  const absl::Status status = WriteReport(SmallReport(), "/proc/self");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("/proc/self/index.html"));
}

TEST(WriteReportTest, FailedReplacementLeavesNoHalfPage) {
  const std::string directory = testing::TempDir() + "/occupied";
  ASSERT_EQ(mkdir(directory.c_str(), 0755), 0);
  ASSERT_EQ(mkdir((directory + "/index.html").c_str(), 0755), 0);
  const absl::Status status = WriteReport(SmallReport(), directory);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(directory + "/index.html"));
  struct stat left_over;
  EXPECT_NE(stat((directory + "/index.html.new").c_str(), &left_over), 0);
}

}  // namespace
}  // namespace blixard::rpc
