#include "rpc/cli/charts/log_histogram.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/cli/well_formed.h"

namespace blixard::rpc {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Render(const std::vector<LogBar>& bars, const std::vector<LogMark>& marks) {
  return RenderLogHistogram({"label", "requests", bars, marks});
}

TEST(LogHistogramTest, EveryCountIsVisibleEvenBesideAHugeOne) {
  const std::string svg = Render({{100, 200, 1'000'000}, {200, 400, 0}, {400, 800, 1}}, {});
  EXPECT_EQ(WhatIsMalformed(svg), "");
  EXPECT_EQ(CountOf("class=\"bar\"", svg), 2u);
  EXPECT_THAT(svg, HasSubstr("<title>400 µs to 800 µs: 1 requests</title>"));
  EXPECT_THAT(svg, HasSubstr("height=\"2.0\""));
}

TEST(LogHistogramTest, EmptyEndsAreCutOff) {
  const std::string with = Render({{1, 10, 0}, {10, 100, 5}, {100, 1000, 0}}, {});
  EXPECT_EQ(with, Render({{10, 100, 5}}, {}));
  EXPECT_THAT(with, Not(HasSubstr(">1 µs</text>")));
}

TEST(LogHistogramTest, MarksCloseTogetherStandInRowsOfTheirOwn) {
  const std::string apart = Render({{10, 1000, 5}}, {{"p50", 20}, {"p99", 800}});
  EXPECT_EQ(CountOf(" y=\"52.0\">", apart), 2u);
  const std::string close = Render({{10, 1000, 5}}, {{"p50", 100}, {"p90", 101}, {"p99", 102}});
  for (const char* y : {" y=\"52.0\">p50", " y=\"35.0\">p90", " y=\"18.0\">p99"}) {
    EXPECT_THAT(close, HasSubstr(y));
  }
}

TEST(LogHistogramTest, MarksWithoutAPlaceAreLeftOut) {
  const std::string svg = Render({{10, 100, 5}}, {{"zero", 0}, {"below", -1}, {"fine", 50}});
  EXPECT_EQ(CountOf("class=\"marker\"", svg), 1u);
  EXPECT_THAT(svg, HasSubstr("fine 50 µs"));
}

TEST(LogHistogramTest, NothingToShowIsAFrame) {
  const std::string svg = Render({}, {});
  EXPECT_EQ(WhatIsMalformed(svg), "");
  EXPECT_THAT(svg, HasSubstr("class=\"grid\""));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace blixard::rpc
