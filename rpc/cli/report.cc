#include "rpc/cli/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "rpc/cli/charts/heat_map.h"
#include "rpc/cli/charts/line_chart.h"
#include "rpc/cli/charts/log_histogram.h"
#include "rpc/cli/charts/share_scatter.h"
#include "rpc/cli/charts/svg_text.h"
#include "rpc/cli/node_shares.h"
#include "rpc/cli/report_style.h"

namespace blixard::rpc {
namespace {

std::string Empty(absl::string_view what) {
  return absl::StrCat("<p class=\"empty\">", what, "</p>\n");
}

std::string RenderHeader(const Report& report) {
  std::string html = absl::StrCat("<header>\n<h1>", EscapeHtml(report.title), "</h1>\n");
  if (!report.subtitle.empty()) {
    absl::StrAppend(&html, "<p class=\"subtitle\">", EscapeHtml(report.subtitle), "</p>\n");
  }
  return absl::StrCat(html, "</header>\n");
}

std::string RenderHeadlines(const std::vector<ReportHeadline>& headlines) {
  if (headlines.empty()) return "";
  std::string html = "<ul class=\"figures\">\n";
  for (const ReportHeadline& headline : headlines) {
    absl::StrAppend(&html, "<li><span class=\"label\">", EscapeHtml(headline.label),
                    "</span><span class=\"value\">", EscapeHtml(headline.value), "</span>");
    if (!headline.unit.empty()) {
      absl::StrAppend(&html, " <span class=\"unit\">", EscapeHtml(headline.unit), "</span>");
    }
    absl::StrAppend(&html, "</li>\n");
  }
  return absl::StrCat(html, "</ul>\n");
}

// One of the two maps; `share` picks the resource.
std::string RenderMap(absl::string_view name, const std::vector<ReportNode>& shown,
                      double (*share)(const ReportNode&)) {
  HeatMap map{.label = absl::StrCat(name, " in use on each node"), .cells = {}};
  for (const ReportNode& node : shown) {
    map.cells.push_back({DescribeNode(node), share(node), !IsInUse(node)});
  }
  return absl::StrCat("<div><h3>", name, "</h3>\n", RenderHeatMap(map), "</div>\n");
}

std::string RenderNodes(const std::vector<ReportNode>& nodes) {
  std::string html = "<section>\n<h2>Nodes</h2>\n";
  if (nodes.empty()) return absl::StrCat(html, Empty("No nodes in this report."), "</section>\n");
  const std::vector<ReportNode> shown = GroupForShow(nodes);
  const std::string squares =
      shown.size() == nodes.size()
          ? "A square is a node"
          : absl::StrCat("A square is ", (nodes.size() - 1) / shown.size() + 1,
                         " neighbouring nodes");
  absl::StrAppend(
      &html, "<p class=\"note\">", squares,
      ", row by row in the order of ids and at the same place in both maps. The stronger the "
      "colour, the fuller the node; an outline is an empty node.</p>\n");
  absl::StrAppend(&html, "<div class=\"pair\">\n", RenderMap("vCPU", shown, &VcpuShare),
                  RenderMap("Memory", shown, &MemoryShare), "</div>\n", RenderHeatLegend());
  return absl::StrCat(html, "</section>\n");
}

std::string RenderFact(absl::string_view term, const std::string& value) {
  return absl::StrCat("<dt>", term, "</dt><dd>", value, "</dd>\n");
}

std::string RenderFacts(const std::vector<ReportNode>& nodes) {
  const FleetSums sums = SumFleet(nodes);
  std::string html = "<dl class=\"facts\">\n";
  absl::StrAppend(
      &html,
      RenderFact("Nodes in use",
                 absl::StrCat(FormatGrouped(sums.nodes_in_use), " of ", FormatGrouped(sums.nodes))),
      RenderFact("Empty nodes", FormatGrouped(sums.nodes - sums.nodes_in_use)),
      RenderFact("VMs", FormatGrouped(sums.all.vms)),
      RenderFact("vCPU in use", absl::StrCat(FormatVcpus(sums.all.vcpu_milli_used), " of ",
                                             FormatVcpus(sums.all.vcpu_milli_capacity))),
      RenderFact("vCPU share, nodes in use", FormatPercent(VcpuShare(sums.in_use))),
      RenderFact("vCPU share, all nodes", FormatPercent(VcpuShare(sums.all))));
  absl::StrAppend(
      &html,
      RenderFact("Memory in use", absl::StrCat(FormatMemory(sums.all.memory_mib_used), " of ",
                                               FormatMemory(sums.all.memory_mib_capacity))),
      RenderFact("Memory share, nodes in use", FormatPercent(MemoryShare(sums.in_use))),
      RenderFact("Memory share, all nodes", FormatPercent(MemoryShare(sums.all))),
      RenderFact("Stranded vCPU", FormatVcpus(sums.stranded_vcpu_milli)),
      RenderFact("Stranded memory", FormatMemory(sums.stranded_memory_mib)));
  return absl::StrCat(html, "</dl>\n");
}

std::string RenderBalance(const std::vector<ReportNode>& nodes) {
  if (nodes.empty()) return "";
  ShareScatter scatter{.label = "Share of vCPU against share of memory on nodes in use",
                       .x_name = "vCPU in use",
                       .y_name = "memory in use",
                       .below_diagonal = "memory left over",
                       .above_diagonal = "vCPU left over",
                       .points = {}};
  for (const ReportNode& node : nodes) {
    if (IsInUse(node)) scatter.points.push_back({VcpuShare(node), MemoryShare(node)});
  }
  return absl::StrCat(
      "<section>\n<h2>Balance</h2>\n<p class=\"note\">Nodes in use, counted on a grid: the "
      "larger "
      "a mark, the more nodes are there. Far from the diagonal one resource runs out first; what "
      "is left of the other on a node that is ",
      FormatPercent(kFullShare), " full counts as stranded.</p>\n<div class=\"pair\">\n<div>",
      RenderShareScatter(scatter), "</div>\n<div>", RenderFacts(nodes),
      "</div>\n</div>\n</section>\n");
}

double FiniteOrZero(double value) { return std::isfinite(value) ? std::max(value, 0.0) : 0; }

// One line of the series; `value` picks the quantity.
std::string RenderSeriesLine(const Report& report, LineChart chart, double ReportPoint::*value) {
  for (const ReportPoint& point : report.series) {
    chart.points.push_back({FiniteOrZero(point.seconds), FiniteOrZero(point.*value)});
  }
  return absl::StrCat("<div><h3>", chart.label, "</h3>\n<div class=\"wide\">",
                      RenderLineChart(chart), "</div></div>\n");
}

std::string RenderSeries(const Report& report) {
  std::string html = "<section>\n<h2>Over time</h2>\n";
  if (report.series.empty()) {
    return absl::StrCat(html, Empty("No time series in this report."), "</section>\n");
  }
  return absl::StrCat(
      html, "<p class=\"note\">Seconds since the run began.</p>\n<div class=\"stack\">\n",
      RenderSeriesLine(report,
                       {.label = "Placements a second",
                        .unit = "placements a second",
                        .style = "first",
                        .points = {}},
                       &ReportPoint::placements_per_second),
      RenderSeriesLine(report,
                       {.label = "VMs alive", .unit = "VMs alive", .style = "second", .points = {}},
                       &ReportPoint::vms_alive),
      "</div>\n</section>\n");
}

// A bucket reaches down to the one before; the first one, and any after a gap in order, as far as
// a tenth of a power of ten.
LogHistogram MakeHistogram(const ReportLatency& latency) {
  const double kTenthOfAPower = std::pow(10, -0.1);
  LogHistogram histogram{
      .label = "Distribution of latency", .unit = "requests", .bars = {}, .marks = {}};
  double from = 0;
  for (const ReportLatencyBucket& bucket : latency.buckets) {
    const double to = bucket.up_to_us;
    if (!std::isfinite(to) || to <= 0) continue;
    const bool follows = from > 0 && from < to;
    histogram.bars.push_back({follows ? from : to * kTenthOfAPower, to, bucket.count});
    from = to;
  }
  for (const ReportPercentile& percentile : latency.percentiles) {
    if (!std::isfinite(percentile.us)) continue;
    histogram.marks.push_back({percentile.label, percentile.us});
  }
  return histogram;
}

std::string RenderLatency(const ReportLatency& latency) {
  std::string html = "<section>\n<h2>Latency</h2>\n";
  uint64_t requests = 0;
  for (const ReportLatencyBucket& bucket : latency.buckets) requests += bucket.count;
  if (requests == 0) {
    return absl::StrCat(html, Empty("No latencies in this report."), "</section>\n");
  }
  return absl::StrCat(
      html, "<p class=\"note\">", FormatGrouped(requests),
      " requests from sending to answer; time on a logarithmic scale.</p>\n<div class=\"wide\">",
      RenderLogHistogram(MakeHistogram(latency)), "</div>\n</section>\n");
}

}  // namespace

std::string RenderReport(const Report& report) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
      TitleElement(report.title), "\n<style>", kReportStyle, "</style>\n</head>\n<body>\n<main>\n",
      RenderHeader(report), RenderHeadlines(report.headlines), RenderNodes(report.nodes),
      RenderBalance(report.nodes), RenderSeries(report), RenderLatency(report.latency),
      "<footer>Point at a square, mark, line or bar for its figures. This page fetches "
      "nothing.</footer>\n</main>\n</body>\n</html>\n");
}

}  // namespace blixard::rpc
