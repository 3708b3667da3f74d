// What happens next in a simulated world, and what time it is there.
#ifndef BLIXARD_TESTS_SIMULATION_AGENDA_H_
#define BLIXARD_TESTS_SIMULATION_AGENDA_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "tests/simulation/event_queue.h"

namespace blixard::raft {

enum class EventKind : uint8_t {
  kTick,            // a = replica, b = life
  kDeliver,         // a = replica, b = slot of the message
  kFrameArrives,    // a = replica, b = slot of the piece of a snapshot
  kAppends,         // a = replica, b = life
  kApplies,         // likewise
  kPrepare,         // likewise
  kSnapshots,       // likewise
  kCourier,         // likewise
  kRestart,         // a = replica
  kFaultBegins,     // b = place in the schedule
  kFaultEnds,       // likewise
  kOperator,        // looks after a lost disk
  kBegin,           // a = client
  kRequestArrives,  // a = replica, b = slot of the request
  kAnswerArrives,   // b = slot of the answer
  kTimeout,         // a = client, b = attempt
  kHeal,
  kLookForConvergence,
  kCount,
};

absl::string_view EventName(EventKind kind);

class Agenda {
 public:
  VirtualTime now() const { return now_; }

  void At(VirtualTime time, EventKind kind, uint32_t a = 0, uint64_t b = 0) {
    queue_.Push({.time = time, .kind = static_cast<uint8_t>(kind), .a = a, .b = b});
  }
  void After(VirtualTime delay, EventKind kind, uint32_t a = 0, uint64_t b = 0) {
    At(now_ + delay, kind, a, b);
  }

  // The next event; it is that time from now on. CHECKs that there is one.
  Event Next();

 private:
  EventQueue queue_;
  VirtualTime now_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_AGENDA_H_
