#include "rpc/cli/charts/share_scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "rpc/cli/charts/axis.h"
#include "rpc/cli/charts/svg_text.h"

namespace blixard::rpc {
namespace {

constexpr size_t kBins = 20;  // on each side: five percent each
constexpr double kWidth = 520;
constexpr double kHeight = 480;
constexpr PlotArea kPlot = {.left = 60, .top = 16, .width = 440, .height = 410};
constexpr LinearScale kX = {.pixel_from = kPlot.left, .pixel_to = kPlot.right()};
constexpr LinearScale kY = {.pixel_from = kPlot.bottom(), .pixel_to = kPlot.top};

using Counts = std::array<std::array<size_t, kBins>, kBins>;  // [y][x]

size_t BinOf(double share) {
  const double bin = std::clamp(share, 0.0, 1.0) * kBins;
  return std::min(static_cast<size_t>(bin), kBins - 1);
}

Counts CountBins(const std::vector<SharePoint>& points) {
  Counts counts{};
  for (const SharePoint& point : points) ++counts[BinOf(point.y)][BinOf(point.x)];
  return counts;
}

size_t MostInABin(const Counts& counts) {
  size_t most = 1;
  for (const auto& row : counts) most = std::max(most, *std::max_element(row.begin(), row.end()));
  return most;
}

std::string RenderFrame(const ShareScatter& scatter) {
  std::string svg;
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>\n"
        "<text class=\"mid\" x=\"{0:.1f}\" y=\"{3:.1f}\">{4} %</text>\n",
        kX(tick), kPlot.top, kPlot.bottom(), kPlot.bottom() + 18, FormatNumber(tick * 100));
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{1:.1f}\" x2=\"{2:.1f}\" y1=\"{0:.1f}\" y2=\"{0:.1f}\"/>\n"
        "<text class=\"end\" x=\"{3:.1f}\" y=\"{4:.1f}\">{5} %</text>\n",
        kY(tick), kPlot.left, kPlot.right(), kPlot.left - 8, kY(tick) + 4,
        FormatNumber(tick * 100));
  }
  svg += fmt::format("<line class=\"diagonal\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", kX(0),
                     kY(0), kX(1), kY(1));
  svg += fmt::format("<text class=\"mid name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", kX(0.5),
                     kPlot.bottom() + 42, EscapeHtml(scatter.x_name));
  return svg + fmt::format(
                   "<text class=\"mid name\" transform=\"translate(14 {:.1f}) rotate(-90)\">{}"
                   "</text>\n",
                   kY(0.5), EscapeHtml(scatter.y_name));
}

std::string RenderCorners(const ShareScatter& scatter) {
  return fmt::format(
      "<text class=\"end corner\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n"
      "<text class=\"corner\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
      kPlot.right() - 8, kPlot.bottom() - 10, EscapeHtml(scatter.below_diagonal), kPlot.left + 8,
      kPlot.top + 20, EscapeHtml(scatter.above_diagonal));
}

struct Bin {
  size_t x;
  size_t y;
  size_t count;
};

std::string RenderMark(const ShareScatter& scatter, const Bin& bin, size_t most) {
  const double cell = kPlot.width / kBins;
  const double share = static_cast<double>(bin.count) / static_cast<double>(most);
  const double radius = std::max(1.8, std::sqrt(share) * cell * 0.52);
  const double low_x = static_cast<double>(bin.x) / kBins;
  const double low_y = static_cast<double>(bin.y) / kBins;
  constexpr double kHalfBin = 0.5 / kBins;
  const std::string title =
      fmt::format("{} nodes: {} {} to {}, {} {} to {}", FormatGrouped(bin.count), scatter.x_name,
                  FormatPercent(low_x), FormatPercent(low_x + 2 * kHalfBin), scatter.y_name,
                  FormatPercent(low_y), FormatPercent(low_y + 2 * kHalfBin));
  return fmt::format(
      "<circle class=\"mark\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\">{}</circle>\n",
      kX(low_x + kHalfBin), kY(low_y + kHalfBin), radius, TitleElement(title));
}

}  // namespace

std::string RenderShareScatter(const ShareScatter& scatter) {
  const Counts counts = CountBins(scatter.points);
  const size_t most = MostInABin(counts);
  std::string svg =
      fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                  kWidth, kHeight, EscapeHtml(scatter.label));
  svg += RenderFrame(scatter);
  for (size_t y = 0; y < kBins; ++y) {
    for (size_t x = 0; x < kBins; ++x) {
      if (counts[y][x] > 0) svg += RenderMark(scatter, {x, y, counts[y][x]}, most);
    }
  }
  return svg + RenderCorners(scatter) + "</svg>\n";
}

}  // namespace blixard::rpc
