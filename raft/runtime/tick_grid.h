// When replicas tick.
#ifndef BLIXARD_RAFT_RUNTIME_TICK_GRID_H_
#define BLIXARD_RAFT_RUNTIME_TICK_GRID_H_

#include <chrono>
#include <cstdint>

#include "raft/core/types.h"

namespace blixard::raft {

// Replicas of one id, in whatever group of a process, tick together, so that their heartbeats can
// travel together (group_hub.h); those of another id on the same machine tick at another part of
// the period, so that they do not campaign at the same moment.
class TickGrid {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  TickGrid(ReplicaId id, Duration tick)
      : tick_(tick), phase_(tick / kPhases * (static_cast<uint64_t>(id) % kPhases)) {}

  // The first of the moments that is not before `time`.
  TimePoint AtOrAfter(TimePoint time) const {
    const Duration beyond = (time.time_since_epoch() - phase_) % tick_;
    if (beyond == Duration::zero()) return time;
    return time + (beyond > Duration::zero() ? tick_ - beyond : -beyond);
  }

 private:
  static constexpr int kPhases = 8;

  const Duration tick_;
  const Duration phase_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_TICK_GRID_H_
