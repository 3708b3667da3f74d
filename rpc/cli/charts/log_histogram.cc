#include "rpc/cli/charts/log_histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "rpc/cli/charts/axis.h"
#include "rpc/cli/charts/svg_text.h"

namespace blixard::rpc {
namespace {

constexpr double kWidth = 1040;
constexpr double kHeight = 300;
constexpr PlotArea kPlot = {.left = 70, .top = 64, .width = 950, .height = 200};
constexpr double kLeastBarHeight = 2;

absl::Span<const LogBar> WithoutEmptyEnds(const std::vector<LogBar>& bars) {
  const auto counted = [](const LogBar& bar) { return bar.count > 0; };
  const auto first = std::find_if(bars.begin(), bars.end(), counted);
  if (first == bars.end()) return {};
  const auto end = std::find_if(bars.rbegin(), bars.rend(), counted).base();
  return absl::MakeConstSpan(&*first, static_cast<size_t>(end - first));
}

// From microseconds to pixels by their logarithm.
struct LogScale {
  LinearScale exponent;

  double operator()(double us) const { return exponent(std::log10(us)); }
};

struct Scales {
  LogScale x;
  LinearScale y;
  std::vector<double> y_ticks;
};

Scales MakeScales(absl::Span<const LogBar> bars, const std::vector<LogMark>& marks) {
  double from = bars.empty() ? 1 : bars.front().from_us;
  double to = bars.empty() ? 1e4 : bars.back().to_us;
  for (const LogMark& mark : marks) {
    if (!(mark.us > 0)) continue;
    from = std::min(from, mark.us);
    to = std::max(to, mark.us);
  }
  uint64_t most = 0;
  for (const LogBar& bar : bars) most = std::max(most, bar.count);
  Scales scales;
  scales.x = {{std::log10(from), std::log10(to), kPlot.left, kPlot.right()}};
  scales.y_ticks = RoundTicks(static_cast<double>(most), 4);
  scales.y = {0, scales.y_ticks.back(), kPlot.bottom(), kPlot.top};
  return scales;
}

// 1, 2 and 5 times each power of ten on a short axis, powers alone on a long one.
std::string RenderFrame(const Scales& scales) {
  std::string svg;
  for (const double tick : scales.y_ticks) {
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{1:.1f}\" x2=\"{2:.1f}\" y1=\"{0:.1f}\" y2=\"{0:.1f}\"/>\n"
        "<text class=\"end\" x=\"{3:.1f}\" y=\"{4:.1f}\">{5}</text>\n",
        scales.y(tick), kPlot.left, kPlot.right(), kPlot.left - 8, scales.y(tick) + 4,
        FormatNumber(tick));
  }
  const LinearScale& exponent = scales.x.exponent;
  const bool is_long = exponent.value_to - exponent.value_from > 4;
  for (double power = std::floor(exponent.value_from); power <= exponent.value_to; ++power) {
    for (const double times : {1.0, 2.0, 5.0}) {
      const double us = times * std::pow(10, power);
      const bool inside = std::log10(us) >= exponent.value_from - 1e-9 &&
                          std::log10(us) <= exponent.value_to + 1e-9;
      if (!inside || (is_long && times != 1)) continue;
      svg += fmt::format("<text class=\"mid\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", scales.x(us),
                         kPlot.bottom() + 20, FormatMicroseconds(us));
    }
  }
  return svg;
}

std::string RenderBar(const LogBar& bar, const Scales& scales, const std::string& unit) {
  if (bar.count == 0) return "";
  const double left = scales.x(bar.from_us);
  const double width = std::max(scales.x(bar.to_us) - left - 1.5, 1.0);
  const double height =
      std::max(kPlot.bottom() - scales.y(static_cast<double>(bar.count)), kLeastBarHeight);
  const std::string title =
      absl::StrCat(FormatMicroseconds(bar.from_us), " to ", FormatMicroseconds(bar.to_us), ": ",
                   FormatGrouped(bar.count), " ", unit);
  return fmt::format(
      "<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"1.5\">"
      "{}</rect>\n",
      left + 0.75, kPlot.bottom() - height, width, height, TitleElement(title));
}

// Labels of neighbouring marks would overlap: each goes to the lowest of three rows that is free.
std::string RenderMarks(const std::vector<LogMark>& marks, const Scales& scales) {
  constexpr double kPixelsPerLetter = 6.6;
  constexpr double kRowHeight = 17;
  std::array<double, 3> row_ends = {0, 0, 0};
  std::string svg;
  for (const LogMark& mark : marks) {
    if (!(mark.us > 0)) continue;
    const std::string text = absl::StrCat(mark.name, " ", FormatMicroseconds(mark.us));
    const double half = kPixelsPerLetter * static_cast<double>(text.size()) / 2;
    const double x = scales.x(mark.us);
    const double middle = std::clamp(x, kPlot.left + half - 20, kPlot.right() + 18 - half);
    size_t row = 0;
    while (row + 1 < row_ends.size() && middle - half < row_ends[row]) ++row;
    row_ends[row] = middle + half + 8;
    const double y = kPlot.top - 12 - kRowHeight * static_cast<double>(row);
    svg += fmt::format(
        "<line class=\"marker\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>\n"
        "<text class=\"mid name\" x=\"{3:.1f}\" y=\"{4:.1f}\">{5}</text>\n",
        x, y + 4, kPlot.bottom(), middle, y, EscapeHtml(text));
  }
  return svg;
}

}  // namespace

std::string RenderLogHistogram(const LogHistogram& histogram) {
  const absl::Span<const LogBar> bars = WithoutEmptyEnds(histogram.bars);
  const Scales scales = MakeScales(bars, histogram.marks);
  std::string svg =
      fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                  kWidth, kHeight, EscapeHtml(histogram.label));
  svg += RenderFrame(scales);
  for (const LogBar& bar : bars) svg += RenderBar(bar, scales, histogram.unit);
  return svg + RenderMarks(histogram.marks, scales) + "</svg>\n";
}

}  // namespace blixard::rpc
