#include "bench/raft/load_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace blixard::bench {
namespace {

constexpr size_t kExpectedProposals = 2 << 20;  // so that the list does not move under load

}  // namespace

std::optional<LoadResult> ParseLoadResult(const std::string& line) {
  LoadResult result;
  if (std::sscanf(line.c_str(), "%lf %lf %lf", &result.per_second, &result.p50_us,
                  &result.p99_us) != 3) {
    return std::nullopt;
  }
  return result;
}

void LoadFigures::Start(uint64_t now_ns) {
  started_ns_ = now_ns;
  latencies_ns_.clear();
  latencies_ns_.reserve(kExpectedProposals);
}

std::string LoadFigures::Text() {
  const double seconds = static_cast<double>(ended_ns_ - started_ns_) / 1e9;
  const double per_second = static_cast<double>(latencies_ns_.size()) / seconds;
  return fmt::format("{:.1f} {:.1f} {:.1f}", per_second, PercentileUs(0.5), PercentileUs(0.99));
}

double LoadFigures::PercentileUs(double fraction) {
  if (latencies_ns_.empty()) return 0;
  const auto last = static_cast<double>(latencies_ns_.size() - 1);
  const auto place = latencies_ns_.begin() + static_cast<std::ptrdiff_t>(last * fraction);
  std::nth_element(latencies_ns_.begin(), place, latencies_ns_.end());
  return static_cast<double>(*place) / 1000.0;
}

}  // namespace blixard::bench
