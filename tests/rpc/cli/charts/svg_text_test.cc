#include "rpc/cli/charts/svg_text.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace blixard::rpc {
namespace {

TEST(SvgTextTest, EscapesWhatMarkupWouldRead) {
  EXPECT_EQ(EscapeHtml("a<b>&\"'\n\t"), "a&lt;b&gt;&amp;&quot;&#39;\n\t");
  EXPECT_EQ(EscapeHtml("µ ä 日"), "µ ä 日");
  EXPECT_EQ(EscapeHtml(std::string("\x00\x1f\x7f", 3)), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(EscapeHtml(""), "");
  EXPECT_EQ(TitleElement("<x>"), "<title>&lt;x&gt;</title>");
}

TEST(SvgTextTest, GroupsByThousands) {
  EXPECT_EQ(FormatGrouped(0), "0");
  EXPECT_EQ(FormatGrouped(999), "999");
  EXPECT_EQ(FormatGrouped(1'000), "1,000");
  EXPECT_EQ(FormatGrouped(1'234'567), "1,234,567");
  EXPECT_EQ(FormatGrouped(18'446'744'073'709'551'615u), "18,446,744,073,709,551,615");
}

TEST(SvgTextTest, KeepsTheFiguresThatMatter) {
  struct Case {
    double value;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{{0, "0"},
                                         {0.05, "0.05"},
                                         {1.25, "1.25"},
                                         {2.50, "2.5"},
                                         {9.996, "10"},
                                         {12.34, "12.3"},
                                         {99.96, "100"},
                                         {123.4, "123"},
                                         {999.4, "999"},
                                         {999.5, "1,000"},
                                         {-1234.5, "-1,235"},
                                         {14'820, "14,820"},
                                         {3e20, "3.00e+20"},
                                         {NAN, "n/a"},
                                         {std::numeric_limits<double>::infinity(), "n/a"}}) {
    EXPECT_EQ(FormatNumber(c.value), c.want);
  }
}

TEST(SvgTextTest, TimesAndSharesHaveUnits) {
  EXPECT_EQ(FormatMicroseconds(0.25), "0.25 µs");
  EXPECT_EQ(FormatMicroseconds(850), "850 µs");
  EXPECT_EQ(FormatMicroseconds(999.6), "1 ms");
  EXPECT_EQ(FormatMicroseconds(1'250), "1.25 ms");
  EXPECT_EQ(FormatMicroseconds(3e6), "3 s");
  EXPECT_EQ(FormatPercent(0.875), "87.5 %");
  EXPECT_EQ(FormatPercent(2), "200 %");
}

}  // namespace
}  // namespace blixard::rpc
