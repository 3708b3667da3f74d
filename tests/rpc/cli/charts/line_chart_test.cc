#include "rpc/cli/charts/line_chart.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/cli/well_formed.h"

namespace blixard::rpc {
namespace {

using testing::HasSubstr;

std::string Render(const std::vector<LinePoint>& points) {
  return RenderLineChart({"label", "VMs", "first", points});
}

TEST(LineChartTest, EveryPointHasATooltip) {
  const std::string svg = Render({{1, 10}, {2, 30}, {3, 20}});
  EXPECT_EQ(WhatIsMalformed(svg), "");
  EXPECT_EQ(CountOf("class=\"touch\"", svg), 3u);
  EXPECT_THAT(svg, HasSubstr("<title>2 s: 30 VMs</title>"));
  EXPECT_EQ(CountOf("<polyline class=\"line first\"", svg), 1u);
}

TEST(LineChartTest, LongSeriesIsDrawnAsMeansOfGroups) {
  std::vector<LinePoint> points;
  for (size_t i = 0; i < kMaxLinePoints * 2; ++i) {
    points.push_back({static_cast<double>(i), i % 2 == 0 ? 10.0 : 20.0});
  }
  const std::string svg = Render(points);
  EXPECT_EQ(CountOf("class=\"touch\"", svg), kMaxLinePoints);
  EXPECT_EQ(CountOf(": 15 VMs</title>", svg), kMaxLinePoints);
  points.resize(kMaxLinePoints);
  EXPECT_EQ(CountOf(": 20 VMs</title>", Render(points)), kMaxLinePoints / 2);
}

TEST(LineChartTest, EmptyFlatAndSingleSeriesHaveAFrame) {
  for (const std::vector<LinePoint>& points :
       {std::vector<LinePoint>{}, std::vector<LinePoint>{{0, 0}},
        std::vector<LinePoint>{{1, 0}, {2, 0}}}) {
    const std::string svg = Render(points);
    EXPECT_EQ(WhatIsMalformed(svg), "");
    EXPECT_GE(CountOf("class=\"grid\"", svg), 2u);
    EXPECT_EQ(CountOf("nan", svg), 0u);
  }
}

}  // namespace
}  // namespace blixard::rpc
