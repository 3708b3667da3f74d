#include "rpc/cli/charts/share_scatter.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/cli/well_formed.h"

namespace blixard::rpc {
namespace {

using testing::HasSubstr;

std::string Render(const std::vector<SharePoint>& points) {
  return RenderShareScatter({"label", "x<", "y", "below", "above", points});
}

TEST(ShareScatterTest, PointsOfOneBinShareAMark) {
  const std::string svg = Render({{0.51, 0.51}, {0.54, 0.52}, {0.9, 0.1}});
  EXPECT_EQ(WhatIsMalformed(svg), "");
  EXPECT_EQ(CountOf("<circle", svg), 2u);
  EXPECT_THAT(svg, HasSubstr("<title>2 nodes: x&lt; 50 % to 55 %, y 50 % to 55 %</title>"));
}

TEST(ShareScatterTest, PointsOutsideAreDrawnAtTheEdge) {
  const std::string svg = Render({{1, 1}, {1.5, 2}, {-1, -1}});
  EXPECT_EQ(CountOf("<circle", svg), 2u);
  EXPECT_THAT(svg, HasSubstr("2 nodes: x&lt; 95 % to 100 %, y 95 % to 100 %"));
  EXPECT_THAT(svg, HasSubstr("1 nodes: x&lt; 0 % to 5 %, y 0 % to 5 %"));
}

TEST(ShareScatterTest, NoPointsLeaveTheFrame) {
  const std::string svg = Render({});
  EXPECT_EQ(WhatIsMalformed(svg), "");
  EXPECT_EQ(CountOf("<circle", svg), 0u);
  EXPECT_THAT(svg, HasSubstr("below"));
  EXPECT_THAT(svg, HasSubstr("above"));
}

}  // namespace
}  // namespace blixard::rpc
