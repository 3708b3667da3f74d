#include "scheduler/traces/events.h"

#include <glog/logging.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace blixard::scheduler::traces {

std::vector<Event> EventsInOrder(const Trace& trace) {
  CHECK_LE(trace.vms.size(), std::numeric_limits<uint32_t>::max());
  std::vector<Event> events;
  events.reserve(trace.vms.size() * 2);
  for (uint32_t i = 0; i < trace.vms.size(); ++i) {
    const VmArrival& vm = trace.vms[i];
    CHECK(std::isfinite(vm.arrives_days)) << vm.name;
    CHECK_GT(vm.departs_days, vm.arrives_days) << vm.name;  // a delete never precedes its create
    events.push_back({.time_days = vm.arrives_days, .vm = i, .kind = EventKind::kCreate});
    if (vm.departs_days == kNever) continue;
    events.push_back({.time_days = vm.departs_days, .vm = i, .kind = EventKind::kDelete});
  }
  // (time, kind, vm) differs for any two events, so an unstable sort has one result only.
  std::sort(events.begin(), events.end(), [](const Event& left, const Event& right) {
    return std::tie(left.time_days, left.kind, left.vm) <
           std::tie(right.time_days, right.kind, right.vm);
  });
  return events;
}

}  // namespace blixard::scheduler::traces
