// Order statistics of latencies.
#ifndef BLIXARD_RPC_CLI_PERCENTILE_H_
#define BLIXARD_RPC_CLI_PERCENTILE_H_

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/types/span.h"

namespace blixard::rpc {

// The smallest of the ascending `sorted` that at least `share` (0 to 1) of them do not exceed; 0
// when there are none.
inline double Percentile(absl::Span<const double> sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_PERCENTILE_H_
