// How long things took, as a histogram whose buckets are as fine as their values are small: 32 to
// each power of two, so that every figure read from it is at most 1/32 above the truth (the
// principle of HdrHistogram). Shows what an average hides: the one proposal in a thousand.
#ifndef BLIXARD_RAFT_RUNTIME_LATENCY_HISTOGRAM_H_
#define BLIXARD_RAFT_RUNTIME_LATENCY_HISTOGRAM_H_

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace blixard::raft {

// The arithmetic of the buckets: bucket b holds values from its lower bound to its upper bound, and
// b + 1 begins right after. Values above the last bound count as that.
struct LatencyBuckets {
  static constexpr size_t kPerPowerOfTwo = 32;  // below it every value has a bucket of its own
  static constexpr size_t kExactBits = 5;
  static constexpr size_t kMaxBits = 41;  // 2^41 ns: 36 minutes
  static constexpr size_t kCount = (kMaxBits - kExactBits + 1) * kPerPowerOfTwo;

  static constexpr size_t Of(uint64_t value) {
    if (value < kPerPowerOfTwo) return value;
    const size_t shift = static_cast<size_t>(std::bit_width(value)) - kExactBits - 1;
    if (shift >= kMaxBits - kExactBits) return kCount - 1;
    return shift * kPerPowerOfTwo + (value >> shift);
  }
  static constexpr uint64_t Lower(size_t bucket) {
    if (bucket < kPerPowerOfTwo) return bucket;
    const size_t shift = bucket / kPerPowerOfTwo - 1;
    return uint64_t{bucket % kPerPowerOfTwo + kPerPowerOfTwo} << shift;
  }
  static constexpr uint64_t Upper(size_t bucket) { return Lower(bucket + 1) - 1; }
};

// The figures people ask for. 0 everywhere when nothing was counted.
struct LatencySummary {
  uint64_t count = 0;
  uint64_t mean_ns = 0;
  uint64_t min_ns = 0;
  uint64_t p50_ns = 0;
  uint64_t p90_ns = 0;
  uint64_t p99_ns = 0;
  uint64_t p999_ns = 0;
  uint64_t max_ns = 0;
};

// {"count":3,"mean_ns":5,...}: the members under their names.
std::string ToJson(const LatencySummary& summary);

// What a histogram held at one moment: a value, 10 KiB. Not synchronised.
class LatencySnapshot {
 public:
  uint64_t count() const { return count_; }
  uint64_t max_ns() const { return max_ns_; }

  // The smallest bound that at least `per_mille` of 1000 counted values do not pass; never above
  // the largest counted. 0 when nothing was counted. CHECKs that it is at most 1000.
  uint64_t PerMille(uint64_t per_mille) const;

  // Adds what another one counted, for instance on another thread or replica.
  void Merge(const LatencySnapshot& other);

  LatencySummary Summary() const;

 private:
  friend class LatencyHistogram;

  std::array<uint64_t, LatencyBuckets::kCount> counts_{};
  uint64_t count_ = 0;
  uint64_t sum_ns_ = 0;
  uint64_t min_ns_ = UINT64_MAX;
  uint64_t max_ns_ = 0;
};

// Thread-safe without locks; recording is a few nanoseconds and allocates nothing. 10 KiB each.
// The sum of all values wraps at 2^64 ns, after 584 years of waiting.
class LatencyHistogram {
 public:
  LatencyHistogram() = default;
  LatencyHistogram(const LatencyHistogram&) = delete;
  LatencyHistogram& operator=(const LatencyHistogram&) = delete;

  // Counts `times` events (at least 1) that took this long each.
  void Record(uint64_t nanoseconds, uint64_t times = 1) {
    counts_[LatencyBuckets::Of(nanoseconds)].fetch_add(times, std::memory_order_relaxed);
    sum_ns_.fetch_add(nanoseconds * times, std::memory_order_relaxed);
    if (nanoseconds > max_ns_.load(std::memory_order_relaxed)) [[unlikely]]
      Raise(nanoseconds);
    if (nanoseconds < min_ns_.load(std::memory_order_relaxed)) [[unlikely]]
      Lower(nanoseconds);
  }

  // Everything recorded before the call; of what is under way some members may know already and
  // others not yet.
  LatencySnapshot Snapshot() const;

 private:
  void Raise(uint64_t nanoseconds);
  void Lower(uint64_t nanoseconds);

  std::array<std::atomic<uint64_t>, LatencyBuckets::kCount> counts_{};
  std::atomic<uint64_t> sum_ns_{0};
  std::atomic<uint64_t> min_ns_{UINT64_MAX};
  std::atomic<uint64_t> max_ns_{0};
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_LATENCY_HISTOGRAM_H_
