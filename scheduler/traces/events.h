// A trace as the sequence of requests a cluster sees: creates and deletes in time order.
#ifndef BLIXARD_SCHEDULER_TRACES_EVENTS_H_
#define BLIXARD_SCHEDULER_TRACES_EVENTS_H_

#include <cstdint>
#include <vector>

#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

enum class EventKind : uint8_t { kDelete, kCreate };

struct Event {
  double time_days = 0;
  uint32_t vm = 0;  // position in Trace::vms
  EventKind kind = EventKind::kCreate;

  bool operator==(const Event&) const = default;
};

// Every arrival and every departure (none for a VM that never leaves), ordered by time. At equal
// times departures come before arrivals, so that what leaves makes room for what comes; ties of one
// kind keep the order of the file. A pure function of the trace: the same list on every machine.
// CHECKs the invariants of VmArrival's times, which every reader has verified.
std::vector<Event> EventsInOrder(const Trace& trace);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_EVENTS_H_
