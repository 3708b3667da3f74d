// How many ticks went by since somebody looked last.
#ifndef BLIXARD_RAFT_RUNTIME_TICK_COUNTER_H_
#define BLIXARD_RAFT_RUNTIME_TICK_COUNTER_H_

#include <algorithm>
#include <cstdint>

#include "raft/runtime/tick_grid.h"

namespace blixard::raft {

// After a long stall (a slow disk, a stopped process) the ticks that went by are not made up for:
// they would only look like a silent leader. They are told apart, for a lease ends by them. Not
// thread-safe.
class TickCounter {
 public:
  using TimePoint = TickGrid::TimePoint;
  using Duration = TickGrid::Duration;

  static constexpr uint64_t kMaxToWorkOff = 2;

  struct Passed {
    uint64_t ticks = 0;   // to be worked off
    uint64_t missed = 0;  // beyond them
  };

  // The first tick ends a whole period, as a restart's promises want it (S10).
  TickCounter(ReplicaId id, Duration tick, TimePoint now)
      : tick_(tick), next_(TickGrid(id, tick).AtOrAfter(now + tick)) {}

  TimePoint next() const { return next_; }

  // Every tick up to `now` is counted in exactly one call.
  Passed CountUntil(TimePoint now) {
    if (now < next_) return {};
    const uint64_t passed = static_cast<uint64_t>((now - next_) / tick_) + 1;
    next_ += passed * tick_;
    const uint64_t ticks = std::min(passed, kMaxToWorkOff);
    return {.ticks = ticks, .missed = passed - ticks};
  }

 private:
  const Duration tick_;
  TimePoint next_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_TICK_COUNTER_H_
