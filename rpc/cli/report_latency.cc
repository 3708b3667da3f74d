#include <algorithm>
#include <cmath>
#include <cstddef>

#include "rpc/cli/percentile.h"
#include "rpc/cli/report.h"

namespace blixard::rpc {
namespace {

constexpr int kBucketsPerPower = 10;
constexpr double kLeastUs = 1e-3;
constexpr double kMostUs = 1e12;  // eleven days: nothing waits longer; bounds the buckets

// Bucket `number` ends at 10^(number / kBucketsPerPower).
double EndOfBucket(int number) {
  return std::pow(10, static_cast<double>(number) / kBucketsPerPower);
}

int BucketOf(double us) {
  const int guess = static_cast<int>(std::ceil(std::log10(us) * kBucketsPerPower - 1e-9));
  return us > EndOfBucket(guess) ? guess + 1 : guess;
}

struct Rank {
  const char* label;
  double share;
};
constexpr Rank kRanks[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};

}  // namespace

ReportLatency SummarizeLatency(absl::Span<double> samples_us) {
  ReportLatency latency;
  if (samples_us.empty()) return latency;
  for (double& us : samples_us) us = us > kLeastUs ? std::min(us, kMostUs) : kLeastUs;
  std::sort(samples_us.begin(), samples_us.end());
  const int first = BucketOf(samples_us.front());
  const int last = BucketOf(samples_us.back());
  for (int number = first; number <= last; ++number) {
    latency.buckets.push_back({.up_to_us = EndOfBucket(number)});
  }
  for (const double us : samples_us) {
    ++latency.buckets[static_cast<size_t>(BucketOf(us) - first)].count;
  }
  for (const Rank& rank : kRanks) {
    latency.percentiles.push_back({rank.label, Percentile(samples_us, rank.share)});
  }
  return latency;
}

}  // namespace blixard::rpc
