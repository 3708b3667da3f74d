// What one stretch of load gave.
#ifndef BLIXARD_BENCH_RAFT_LOAD_FIGURES_H_
#define BLIXARD_BENCH_RAFT_LOAD_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace blixard::bench {

// As it travels from a replica's process: "PER_SECOND P50_US P99_US".
struct LoadResult {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};
// Nothing when the line is none.
std::optional<LoadResult> ParseLoadResult(const std::string& line);

// Counts the proposals that ended between Start and End. Not thread-safe.
class LoadFigures {
 public:
  void Start(uint64_t now_ns);
  void Add(uint64_t latency_ns) { latencies_ns_.push_back(latency_ns); }
  void End(uint64_t now_ns) { ended_ns_ = now_ns; }

  // A line for ParseLoadResult. Reorders the latencies.
  std::string Text();

 private:
  double PercentileUs(double fraction);

  uint64_t started_ns_ = 0;
  uint64_t ended_ns_ = 0;
  std::vector<uint64_t> latencies_ns_;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_LOAD_FIGURES_H_
