// Key sequences on which caches are compared. Deterministic: a seed gives one trace.
#ifndef BLIXARD_BENCH_MEMORY_OPTIMIZATION_CACHE_TRACES_H_
#define BLIXARD_BENCH_MEMORY_OPTIMIZATION_CACHE_TRACES_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace blixard::bench {

// Draws 0, 1, 2, ... with probability proportional to 1 / (rank + 1)^skew. Uses nothing of the
// standard library whose result may differ between implementations.
class Zipf {
 public:
  Zipf(size_t keys, double skew) : cumulative_(keys) {
    double sum = 0;
    for (size_t rank = 0; rank < keys; ++rank) {
      sum += std::pow(static_cast<double>(rank + 1), -skew);
      cumulative_[rank] = sum;
    }
  }
  uint64_t operator()(std::mt19937_64& random) const {
    const double point = static_cast<double>(random() >> 11) * 0x1p-53 * cumulative_.back();
    const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), point);
    return static_cast<uint64_t>(
        std::min<ptrdiff_t>(at - cumulative_.begin(), std::ssize(cumulative_) - 1));
  }

 private:
  std::vector<double> cumulative_;
};

struct TraceOptions {
  size_t keys = 100'000;
  size_t requests = 500'000;
  double skew = 0.99;
  // Every so many requests a scan asks once for `scan_length` keys that nobody asks for again; 0:
  // none.
  size_t scan_every = 0;
  size_t scan_length = 0;
  uint64_t seed = 1;
};

inline std::vector<uint64_t> MakeTrace(const TraceOptions& options) {
  const Zipf zipf(options.keys, options.skew);
  std::mt19937_64 random(options.seed);
  std::vector<uint64_t> trace;
  uint64_t next_scanned = options.keys;
  for (size_t i = 0; i < options.requests; ++i) {
    if (options.scan_every != 0 && i % options.scan_every == 0) {
      for (size_t n = 0; n < options.scan_length; ++n) trace.push_back(next_scanned++);
    }
    trace.push_back(zipf(random));
  }
  return trace;
}

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_MEMORY_OPTIMIZATION_CACHE_TRACES_H_
