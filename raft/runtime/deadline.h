// The end of a wait on a clock that nobody sets.
#ifndef BLIXARD_RAFT_RUNTIME_DEADLINE_H_
#define BLIXARD_RAFT_RUNTIME_DEADLINE_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace blixard::raft {

// `limit` from now; longer than a century is a century, so that infinite limits overflow nothing.
inline std::chrono::steady_clock::time_point DeadlineAfter(absl::Duration limit) {
  constexpr absl::Duration kCentury = absl::Hours(24 * 365 * 100);
  return std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(limit, kCentury));
}

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_DEADLINE_H_
