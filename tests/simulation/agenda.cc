#include "tests/simulation/agenda.h"

#include <glog/logging.h>

#include <array>
#include <cstddef>

namespace blixard::raft {

absl::string_view EventName(EventKind kind) {
  static constexpr std::array<absl::string_view, static_cast<size_t>(EventKind::kCount)> kNames = {
      "tick",      "deliver", "frame",   "appends",      "applies",    "prepare",
      "snapshots", "courier", "restart", "fault_begins", "fault_ends", "operator",
      "begin",     "request", "answer",  "timeout",      "heal",       "look"};
  return kNames[static_cast<size_t>(kind)];
}

Event Agenda::Next() {
  CHECK(!queue_.empty()) << "a world without a next event";
  const Event event = queue_.Pop();
  now_ = event.time;
  return event;
}

}  // namespace blixard::raft
