// What will go wrong in a simulated world, and when: drawn from the seed before the run, so that a
// failing run can be repeated with some of it left out.
#ifndef BLIXARD_TESTS_SIMULATION_FAULT_SCHEDULE_H_
#define BLIXARD_TESTS_SIMULATION_FAULT_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/simulation/event_queue.h"

namespace blixard::raft {

// Replicas count from 0 here. `a` and `b` are replicas unless said otherwise.
enum class FaultKind : uint8_t {
  kCrash,         // a loses power, for the duration
  kCrashInWrite,  // a loses power during one of its next disk changes (amount)
  kProcessEnd,    // a's process ends and comes back; what it wrote is still cached
  kPause,         // a stands still; with amount 1 it is sent nothing meanwhile that arrives
  kPartition,  // who is in the bit mask `amount`, clients behind replicas, is cut off from the rest
  kOneWay,     // nothing from a reaches b
  kCutLink,    // a and b do not reach each other, others do
  kSlowLink,   // a to b takes `amount` milliseconds longer
  kDropMessages,    // `amount` in 1000 of all messages
  kDuplicate,       // likewise
  kReorder,         // every message takes up to `amount` milliseconds longer
  kClockDrift,      // a's ticks take `amount` in 1000 of their time
  kClockJump,       // a gets `amount` ticks at once
  kSlowDisk,        // a's syncs take `amount` milliseconds longer
  kFailSync,        // one of a's next syncs (amount) fails
  kFailWrite,       // likewise, of its writes
  kDiskFull,        // a's disk takes no more; or, beyond kDiskFullFrom, `amount` - that in bytes
  kHarmDisk,        // bytes on a's disk go wrong (drawn from amount); its process ends afterwards
  kLoseDisk,        // a's disk is gone
  kCampaign,        // a campaigns at once
  kChangeMembers,   // the leader is asked for a change of members drawn from `amount`
  kTransferLeader,  // the leader is asked to hand over to a
  kForgetLeader,    // a forgets its leader
  kCount,
};

// What kDiskFull leaves free: nothing for half of the amounts drawn, for others enough to run on
// into the reserve of the log, or for a segment and for no snapshot.
inline constexpr uint64_t kDiskFullFrom = 24 * 1024;

inline constexpr size_t kFaultKinds = static_cast<size_t>(FaultKind::kCount);

absl::string_view FaultName(FaultKind kind);

struct Fault {
  VirtualTime time = 0;
  VirtualTime duration = 0;
  FaultKind kind = FaultKind::kCrash;
  uint32_t a = 0;
  uint32_t b = 0;
  uint64_t amount = 0;
};

// "12.345s crash a=1 for 2.000s".
std::string ToString(const Fault& fault);

struct FaultScheduleOptions {
  uint64_t seed = 0;
  uint32_t replicas = 0;
  uint32_t clients = 0;
  VirtualTime until = 0;
  bool good_clocks = false;  // all count nearly the same time
};

// By time. Every fault is over by itself; the world ends what is left when it heals.
std::vector<Fault> DrawFaults(const FaultScheduleOptions& options);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_FAULT_SCHEDULE_H_
