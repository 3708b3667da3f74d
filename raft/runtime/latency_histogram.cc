#include "raft/runtime/latency_histogram.h"

#include <glog/logging.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace blixard::raft {

std::string ToJson(const LatencySummary& s) {
  return absl::StrCat("{\"count\":", s.count, ",\"mean_ns\":", s.mean_ns, ",\"min_ns\":", s.min_ns,
                      ",\"p50_ns\":", s.p50_ns, ",\"p90_ns\":", s.p90_ns, ",\"p99_ns\":", s.p99_ns,
                      ",\"p999_ns\":", s.p999_ns, ",\"max_ns\":", s.max_ns, "}");
}

uint64_t LatencySnapshot::PerMille(uint64_t per_mille) const {
  CHECK_LE(per_mille, 1000u);
  if (count_ == 0) return 0;
  // Rounded up, in an order that does not overflow: the first value is at rank 1.
  const uint64_t wanted = count_ / 1000 * per_mille + (count_ % 1000 * per_mille + 999) / 1000;
  const uint64_t rank = std::max<uint64_t>(1, wanted);
  uint64_t passed = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    passed += counts_[bucket];
    if (passed >= rank) return std::min(LatencyBuckets::Upper(bucket), max_ns_);
  }
  LOG(FATAL) << "the buckets hold " << passed << " of " << count_ << " values";
}

void LatencySnapshot::Merge(const LatencySnapshot& other) {
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    counts_[bucket] += other.counts_[bucket];
  }
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  min_ns_ = std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

LatencySummary LatencySnapshot::Summary() const {
  if (count_ == 0) return {};
  return {.count = count_,
          .mean_ns = sum_ns_ / count_,
          .min_ns = min_ns_,
          .p50_ns = PerMille(500),
          .p90_ns = PerMille(900),
          .p99_ns = PerMille(990),
          .p999_ns = PerMille(999),
          .max_ns = max_ns_};
}

LatencySnapshot LatencyHistogram::Snapshot() const {
  LatencySnapshot snapshot;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    snapshot.counts_[bucket] = counts_[bucket].load(std::memory_order_relaxed);
    snapshot.count_ += snapshot.counts_[bucket];
  }
  snapshot.sum_ns_ = sum_ns_.load(std::memory_order_relaxed);
  snapshot.min_ns_ = min_ns_.load(std::memory_order_relaxed);
  snapshot.max_ns_ = max_ns_.load(std::memory_order_relaxed);
  return snapshot;
}

void LatencyHistogram::Raise(uint64_t nanoseconds) {
  uint64_t max = max_ns_.load(std::memory_order_relaxed);
  while (max < nanoseconds && !max_ns_.compare_exchange_weak(max, nanoseconds)) {
  }
}

void LatencyHistogram::Lower(uint64_t nanoseconds) {
  uint64_t min = min_ns_.load(std::memory_order_relaxed);
  while (nanoseconds < min && !min_ns_.compare_exchange_weak(min, nanoseconds)) {
  }
}

}  // namespace blixard::raft
