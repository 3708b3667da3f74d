#include "rpc/cli/charts/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rpc/cli/charts/svg_text.h"

namespace blixard::rpc {
namespace {

constexpr double kWidth = 520;
constexpr double kAspect = 1.75;  // of the whole map
constexpr double kMaxPitch = 44;  // a handful of nodes is not blown up
constexpr double kMaxGap = 3;
constexpr int kTenths = 10;

struct Grid {
  size_t columns;
  size_t rows;
  double pitch;  // from one square to the next
  double side;   // of a square
};

Grid MakeGrid(size_t cells) {
  const double wanted = std::ceil(std::sqrt(static_cast<double>(cells) * kAspect));
  const double least = std::floor(kWidth / kMaxPitch);
  const double columns = std::max({wanted, least, 1.0});
  const double pitch = kWidth / columns;
  const double gap = std::min(kMaxGap, std::max(0.5, pitch * 0.14));
  const auto whole_columns = static_cast<size_t>(columns);
  return {.columns = whole_columns,
          .rows = std::max<size_t>((cells + whole_columns - 1) / whole_columns, 1),
          .pitch = pitch,
          .side = pitch - gap};
}

std::string ClassOf(const HeatCell& cell) {
  if (cell.empty) return "none";
  if (cell.share > 1 + 1e-9) return "over";
  const int tenth = static_cast<int>(std::max(cell.share, 0.0) * kTenths);
  return fmt::format("h{}", std::min(tenth, kTenths - 1));
}

constexpr double kLegendStep = 22;

std::string LegendSquare(double x, const std::string& style) {
  constexpr double kSide = 14;
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"2.5\" width=\"{}\" height=\"{}\" rx=\"2\" class=\"{}\"/>\n", x, kSide,
      kSide, style);
}

std::string LegendText(double x, const std::string& words) {
  return fmt::format("<text x=\"{:.1f}\" y=\"32\">{}</text>\n", x, words);
}

}  // namespace

std::string RenderHeatMap(const HeatMap& map) {
  const Grid grid = MakeGrid(map.cells.size());
  const double height = grid.pitch * static_cast<double>(grid.rows);
  std::string svg = fmt::format(
      "<svg class=\"heat\" viewBox=\"0 0 {:.0f} {:.1f}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
      height, EscapeHtml(map.label));
  const double inset = (grid.pitch - grid.side) / 2;
  for (size_t i = 0; i < map.cells.size(); ++i) {
    const double x = static_cast<double>(i % grid.columns) * grid.pitch + inset;
    const double y = static_cast<double>(i / grid.columns) * grid.pitch + inset;
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{:.1f}\" "
        "class=\"{}\">{}</rect>\n",
        x, y, grid.side, grid.side, std::min(grid.side / 6, 3.0), ClassOf(map.cells[i]),
        TitleElement(map.cells[i].title));
  }
  return svg + "</svg>\n";
}

std::string RenderHeatLegend() {
  std::string svg =
      "<svg class=\"legend\" width=\"430\" height=\"36\" viewBox=\"0 0 430 36\" role=\"img\" "
      "aria-label=\"Colours: an outline is an empty node, then from 0 to 100 % in tenths, red is "
      "above 100 %\">\n";
  constexpr double kFirst = 60;
  constexpr double kOver = kFirst + kLegendStep * 11;
  svg += LegendSquare(1, "none");
  svg += LegendText(0, "empty");
  for (int tenth = 0; tenth < kTenths; ++tenth) {
    svg += LegendSquare(kFirst + kLegendStep * tenth, fmt::format("h{}", tenth));
  }
  svg += LegendText(kFirst, "0 %");
  svg += LegendText(kFirst + kLegendStep * 4.5, "50 %");
  svg += LegendText(kFirst + kLegendStep * 9 - 16, "100 %");
  svg += LegendSquare(kOver, "over");
  svg += LegendText(kOver, "above 100 %");
  return svg + "</svg>\n";
}

}  // namespace blixard::rpc
