// Where the runtime's latency figures get their time from.
#ifndef BLIXARD_RAFT_RUNTIME_STAGE_CLOCK_H_
#define BLIXARD_RAFT_RUNTIME_STAGE_CLOCK_H_

#include <cstdint>

namespace blixard::raft {

// For figures only: no decision depends on it, so a simulation that answers with virtual time runs
// the same on every machine. Thread-safe.
class StageClock {
 public:
  virtual ~StageClock() = default;
  // Never goes back; from an arbitrary start.
  virtual uint64_t NowNanoseconds() = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_STAGE_CLOCK_H_
