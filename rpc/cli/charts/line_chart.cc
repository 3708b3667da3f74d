#include "rpc/cli/charts/line_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "rpc/cli/charts/axis.h"
#include "rpc/cli/charts/svg_text.h"

namespace blixard::rpc {
namespace {

constexpr double kWidth = 1040;
constexpr double kHeight = 220;
constexpr PlotArea kPlot = {.left = 70, .top = 14, .width = 950, .height = 166};

// `count` points from `points[begin]` on as one: the last time, the mean value.
LinePoint MeanOf(const std::vector<LinePoint>& points, size_t begin, size_t count) {
  double sum = 0;
  for (size_t i = begin; i < begin + count; ++i) sum += points[i].value;
  return {points[begin + count - 1].seconds, sum / static_cast<double>(count)};
}

std::vector<LinePoint> Thinned(const std::vector<LinePoint>& points) {
  if (points.size() <= kMaxLinePoints) return points;
  const size_t group = (points.size() + kMaxLinePoints - 1) / kMaxLinePoints;
  std::vector<LinePoint> thinned;
  for (size_t i = 0; i < points.size(); i += group) {
    thinned.push_back(MeanOf(points, i, std::min(group, points.size() - i)));
  }
  return thinned;
}

struct Scales {
  std::vector<double> x_ticks;
  std::vector<double> y_ticks;
  LinearScale x;
  LinearScale y;
};

Scales MakeScales(const std::vector<LinePoint>& points) {
  double most = 0;
  for (const LinePoint& point : points) most = std::max(most, point.value);
  const double last = points.empty() ? 0 : points.back().seconds;
  Scales scales;
  scales.x_ticks = RoundTicks(last, 8);
  scales.y_ticks = RoundTicks(most, 4);
  const double x_end = last > 0 ? last : scales.x_ticks.back();
  scales.x = {0, x_end, kPlot.left, kPlot.right()};
  scales.y = {0, scales.y_ticks.back(), kPlot.bottom(), kPlot.top};
  return scales;
}

std::string RenderFrame(const Scales& scales) {
  std::string svg;
  for (const double tick : scales.y_ticks) {
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{1:.1f}\" x2=\"{2:.1f}\" y1=\"{0:.1f}\" y2=\"{0:.1f}\"/>\n"
        "<text class=\"end\" x=\"{3:.1f}\" y=\"{4:.1f}\">{5}</text>\n",
        scales.y(tick), kPlot.left, kPlot.right(), kPlot.left - 8, scales.y(tick) + 4,
        FormatNumber(tick));
  }
  for (const double tick : scales.x_ticks) {
    if (tick > scales.x.value_to) continue;  // the last round step may lie beyond the data
    svg += fmt::format("<text class=\"mid\" x=\"{:.1f}\" y=\"{:.1f}\">{} s</text>\n",
                       scales.x(tick), kPlot.bottom() + 20, FormatNumber(tick));
  }
  return svg;
}

std::string RenderLine(const LineChart& chart, const std::vector<LinePoint>& points,
                       const Scales& scales) {
  std::string line;
  for (const LinePoint& point : points) {
    line += fmt::format("{:.1f},{:.1f} ", scales.x(point.seconds), scales.y(point.value));
  }
  line.pop_back();
  const std::string style = EscapeHtml(chart.style);
  return fmt::format(
      "<polygon class=\"area {0}\" points=\"{1:.1f},{2:.1f} {3} {4:.1f},{2:.1f}\"/>\n"
      "<polyline class=\"line {0}\" points=\"{3}\"/>\n",
      style, scales.x(points.front().seconds), kPlot.bottom(), line,
      scales.x(points.back().seconds));
}

// Invisible columns that carry the tooltips.
std::string RenderTooltips(const LineChart& chart, const std::vector<LinePoint>& points,
                           const Scales& scales) {
  std::string svg;
  double left = kPlot.left;
  for (size_t i = 0; i < points.size(); ++i) {
    const double here = scales.x(points[i].seconds);
    const double right =
        i + 1 < points.size() ? (here + scales.x(points[i + 1].seconds)) / 2 : kPlot.right();
    const std::string title = fmt::format("{} s: {} {}", FormatNumber(points[i].seconds),
                                          FormatNumber(points[i].value), chart.unit);
    svg += fmt::format(
        "<rect class=\"touch\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">{}"
        "</rect>\n",
        left, kPlot.top, std::max(right - left, 0.0), kPlot.height, TitleElement(title));
    left = right;
  }
  return svg;
}

}  // namespace

std::string RenderLineChart(const LineChart& chart) {
  const std::vector<LinePoint> points = Thinned(chart.points);
  const Scales scales = MakeScales(points);
  std::string svg =
      fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                  kWidth, kHeight, EscapeHtml(chart.label));
  svg += RenderFrame(scales);
  if (!points.empty()) {
    svg += RenderLine(chart, points, scales);
    svg += RenderTooltips(chart, points, scales);
  }
  return svg + "</svg>\n";
}

}  // namespace blixard::rpc
