// Durations over powers of ten, with named marks (percentiles) across the bars. Pure.
#ifndef BLIXARD_RPC_CLI_CHARTS_LOG_HISTOGRAM_H_
#define BLIXARD_RPC_CLI_CHARTS_LOG_HISTOGRAM_H_

#include <cstdint>
#include <string>
#include <vector>

namespace blixard::rpc {

struct LogBar {
  double from_us = 0;  // above 0, below to_us
  double to_us = 0;
  uint64_t count = 0;
};

struct LogMark {
  std::string name;
  double us = 0;
};

struct LogHistogram {
  std::string label;           // what the picture shows, for readers that do not see it
  std::string unit;            // of a count: "requests"
  std::vector<LogBar> bars;    // ascending
  std::vector<LogMark> marks;  // ascending; those not above 0 are left out
};

// One <svg>. Bars without a count at both ends are cut off; a bar with any count is visible.
std::string RenderLogHistogram(const LogHistogram& histogram);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CHARTS_LOG_HISTOGRAM_H_
