// One quantity over time, as a line with its area filled. Pure.
#ifndef BLIXARD_RPC_CLI_CHARTS_LINE_CHART_H_
#define BLIXARD_RPC_CLI_CHARTS_LINE_CHART_H_

#include <cstddef>
#include <string>
#include <vector>

namespace blixard::rpc {

// A longer series is drawn as the means of as many equal groups.
inline constexpr size_t kMaxLinePoints = 400;

struct LinePoint {
  double seconds = 0;  // ascending, finite
  double value = 0;    // 0 or above, finite
};

struct LineChart {
  std::string label;  // what the picture shows, for readers that do not see it
  std::string unit;   // after values in tooltips: "placements a second"
  std::string style;  // class of the line: "first" or "second" colour
  std::vector<LinePoint> points;
};

// One <svg>; the picture of an empty series is its axes.
std::string RenderLineChart(const LineChart& chart);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CHARTS_LINE_CHART_H_
