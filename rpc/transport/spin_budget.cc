#include "rpc/transport/spin_budget.h"

#include <algorithm>

namespace blixard::rpc {

std::chrono::nanoseconds SpinBudget::Next() {
  if (pause_left_ > 0) {
    --pause_left_;
    return std::chrono::nanoseconds::zero();
  }
  return short_waits_ < kShortWaits ? std::chrono::nanoseconds::zero() : limit_;
}

void SpinBudget::Found() { pause_ = std::max(pause_ - 1, kMinPause); }

void SpinBudget::Missed() { short_waits_ = 0; }

void SpinBudget::Crowded() {
  pause_left_ = pause_;
  pause_ = std::min(2 * pause_, kMaxPause);
}

void SpinBudget::Slept(std::chrono::nanoseconds time) {
  short_waits_ = time < limit_ ? std::min(short_waits_ + 1, kShortWaits) : 0;
}

}  // namespace blixard::rpc
