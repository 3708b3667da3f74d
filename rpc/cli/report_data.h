// What a report shows, as plain values, so that any replay, benchmark or test can fill one in.
#ifndef BLIXARD_RPC_CLI_REPORT_DATA_H_
#define BLIXARD_RPC_CLI_REPORT_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

namespace blixard::rpc {

// One figure in the row at the top, e.g. {"Placed", "20,000", "VMs"}.
struct ReportHeadline {
  std::string label;
  std::string value;
  std::string unit;  // may be empty
};

// How full one node is. `used` may exceed `capacity` in the input; the page shows it as it is.
struct ReportNode {
  std::string name;
  uint64_t vcpu_milli_used = 0;
  uint64_t vcpu_milli_capacity = 0;
  uint64_t memory_mib_used = 0;
  uint64_t memory_mib_capacity = 0;
  uint64_t vms = 0;
};

// What was seen in one interval of the run.
struct ReportPoint {
  double seconds = 0;  // since the run began; ascending
  double placements_per_second = 0;
  double vms_alive = 0;
};

// `count` answers took at most `up_to_us` and longer than the bucket before.
struct ReportLatencyBucket {
  double up_to_us = 0;  // ascending, above 0
  uint64_t count = 0;
};

struct ReportPercentile {
  std::string label;  // "p50"
  double us = 0;
};

struct ReportLatency {
  std::vector<ReportLatencyBucket> buckets;
  std::vector<ReportPercentile> percentiles;
};

struct Report {
  std::string title;
  std::string subtitle;
  std::vector<ReportHeadline> headlines;
  std::vector<ReportNode> nodes;  // up to many thousands, in the order of their ids
  std::vector<ReportPoint> series;
  ReportLatency latency;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_REPORT_DATA_H_
