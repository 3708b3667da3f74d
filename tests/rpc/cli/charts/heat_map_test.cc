#include "rpc/cli/charts/heat_map.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/cli/well_formed.h"

namespace blixard::rpc {
namespace {

using testing::HasSubstr;

TEST(HeatMapTest, ColourSaysHowFull) {
  struct Case {
    HeatCell cell;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{{{"n", 0}, "class=\"h0\""},
                                         {{"n", 0.0999}, "class=\"h0\""},
                                         {{"n", 0.1}, "class=\"h1\""},
                                         {{"n", 0.95}, "class=\"h9\""},
                                         {{"n", 1}, "class=\"h9\""},
                                         {{"n", 1.01}, "class=\"over\""},
                                         {{"n", -1}, "class=\"h0\""},
                                         {{"n", 0, true}, "class=\"none\""}}) {
    EXPECT_THAT(RenderHeatMap({"map", {c.cell}}), HasSubstr(c.want));
  }
}

TEST(HeatMapTest, EveryCellHasASquareAndATooltip) {
  for (const size_t count : {0, 1, 7, 100, 1'460}) {
    SCOPED_TRACE(count);
    const HeatMap map = {"a <map>", std::vector<HeatCell>(count, HeatCell{"node & co", 0.5})};
    const std::string svg = RenderHeatMap(map);
    EXPECT_EQ(WhatIsMalformed(svg), "");
    EXPECT_EQ(CountOf("<rect", svg), count);
    EXPECT_EQ(CountOf("<title>node &amp; co</title>", svg), count);
    EXPECT_THAT(svg, HasSubstr("aria-label=\"a &lt;map&gt;\""));
  }
}

TEST(HeatMapTest, LegendExplainsEveryColour) {
  const std::string svg = RenderHeatLegend();
  EXPECT_EQ(WhatIsMalformed(svg), "");
  for (const char* style : {"none", "h0", "h4", "h9", "over"}) {
    EXPECT_THAT(svg, HasSubstr(absl::StrCat("class=\"", style, "\"")));
  }
}

}  // namespace
}  // namespace blixard::rpc
