#include "tests/simulation/run_trace.h"

#include "absl/strings/str_format.h"
#include "tests/simulation/agenda.h"

namespace blixard::raft {

void RunTrace::Note(const Event& event, uint64_t detail) {
  for (const uint64_t value :
       {static_cast<uint64_t>(event.time), uint64_t{event.kind} << 32 | event.a, detail}) {
    hash_ = (hash_ ^ value) * 0x9E3779B97F4A7C15;
    hash_ ^= hash_ >> 32;
  }
  if (!tells()) return;
  Tell(event.time,
       absl::StrFormat("%s %d %x", EventName(static_cast<EventKind>(event.kind)), event.a, detail));
}

void RunTrace::Tell(VirtualTime now, absl::string_view what) {
  if (!tells()) return;
  const std::string line = absl::StrFormat("%.6f %s\n", static_cast<double>(now) / kSecond, what);
  if (options_.print) absl::PrintF("%s", line);
  if (options_.keep) text_ += line;
}

}  // namespace blixard::raft
