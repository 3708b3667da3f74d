#include "bench/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace blixard::bench {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// Three significant places, without an exponent.
std::string Short(double value) {
  if (value >= 1000) return fmt::format("{:.0f}", value);
  if (value >= 100) return fmt::format("{:.1f}", value);
  return value >= 10 ? fmt::format("{:.2f}", value) : fmt::format("{:.3f}", value);
}

std::string NumberOrNull(const std::optional<double>& value) {
  return value.has_value() && std::isfinite(*value) ? fmt::format("{:.6g}", *value) : "null";
}

std::string ReachedText(const std::optional<bool>& reached) {
  if (!reached.has_value()) return "";
  return *reached ? "yes" : "NO";
}

std::string SpreadText(const Result& result) {
  if (!result.lowest_ratio.has_value() || !result.highest_ratio.has_value()) return "";
  return Short(*result.lowest_ratio) + " to " + Short(*result.highest_ratio);
}

std::string Json(const Result& result) {
  const std::string reached =
      result.reached.has_value() ? (*result.reached ? "true" : "false") : "null";
  return fmt::format(
      R"({{"group": {}, "subject": {}, "value": {:.6g}, "unit": {}, "peer": {}, "peer_value": {}, )"
      R"("ratio": {}, "lowest_ratio": {}, "highest_ratio": {}, "target": {}, "reached": {}}})",
      Quoted(result.group), Quoted(result.subject), result.value, Quoted(result.unit),
      result.peer.empty() ? "null" : Quoted(result.peer), NumberOrNull(result.peer_value),
      NumberOrNull(result.ratio), NumberOrNull(result.lowest_ratio),
      NumberOrNull(result.highest_ratio), result.target.empty() ? "null" : Quoted(result.target),
      reached);
}

}  // namespace

void PrintText(const std::vector<Result>& results, std::FILE* out) {
  size_t subject_width = 7;
  size_t peer_width = 4;
  size_t spread_width = 0;
  for (const Result& result : results) {
    subject_width = std::max(subject_width, result.subject.size());
    peer_width = std::max(peer_width, result.peer.size());
    spread_width = std::max(spread_width, SpreadText(result).size());
  }
  const auto spread = [&](const std::string& text) {
    return spread_width == 0 ? "" : fmt::format("  {:<{}}", text, spread_width);
  };
  fmt::print(out, "{:<{}}  {:>16}  {:<{}}  {:>16}  {:>8}{}  {:<16}  {}\n", "subject", subject_width,
             "value", "peer", peer_width, "peer's", "ratio", spread("of rounds"), "target",
             "reached");
  size_t targets = 0;
  size_t reached = 0;
  for (const Result& result : results) {
    const std::string peer_value =
        result.peer_value.has_value() ? Short(*result.peer_value) + " " + result.unit : "";
    fmt::print(out, "{:<{}}  {:>16}  {:<{}}  {:>16}  {:>8}{}  {:<16}  {}\n", result.subject,
               subject_width, Short(result.value) + " " + result.unit, result.peer, peer_width,
               peer_value, result.ratio.has_value() ? Short(*result.ratio) : "",
               spread(SpreadText(result)), result.target, ReachedText(result.reached));
    targets += result.reached.has_value() ? 1 : 0;
    reached += result.reached.value_or(false) ? 1 : 0;
  }
  fmt::print(out, "{} of {} targets reached\n", reached, targets);
}

void PrintJson(const std::vector<Result>& results, std::FILE* out) {
  fmt::print(out, "[\n");
  for (size_t i = 0; i < results.size(); ++i) {
    fmt::print(out, "  {}{}\n", Json(results[i]), i + 1 < results.size() ? "," : "");
  }
  fmt::print(out, "]\n");
}

}  // namespace blixard::bench
