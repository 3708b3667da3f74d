// Leaving the leadership to another before a stop.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "raft/runtime/deadline.h"
#include "raft/runtime/replica.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

// What became of the latest request for a transfer.
enum class Asked { kNothing, kBegun, kNotNow, kNever };

Asked Meaning(const absl::Status& answer) {
  if (answer.ok()) return Asked::kBegun;
  return absl::IsFailedPrecondition(answer) ? Asked::kNever : Asked::kNotNow;
}

}  // namespace

// A transfer that has not succeeded after an election timeout was given up, and one that is refused
// because no voter has answered of late may pass at the next tick.
bool Replica::HandOver(absl::Duration limit) {
  if (leader() != config_.id) return true;
  const Clock::time_point deadline = DeadlineAfter(limit);
  const uint32_t patience = 2 * config_.election_ticks;  // then a leader without a quorum is none
  const auto asked = std::make_shared<std::atomic<Asked>>(Asked::kNotNow);
  uint32_t ticks_of_try = 0;
  for (uint32_t idle = 0; idle < patience && Clock::now() < deadline; ++ticks_of_try) {
    const ReplicaId now = leader();
    if (now != kNoReplica && now != config_.id) return true;
    if (stopping_.load() || *asked == Asked::kNever) return false;
    const bool leads = now == config_.id;
    idle = leads && *asked != Asked::kNotNow ? 0 : idle + 1;
    if (leads && (*asked == Asked::kNotNow || ticks_of_try >= config_.election_ticks)) {
      ticks_of_try = 0;
      *asked = Asked::kNothing;
      Request({.kind = ReplicaRequest::Kind::kTransfer,
               .done = [asked](const absl::Status& answer) { *asked = Meaning(answer); }});
    }
    absl::SleepFor(std::min(config_.tick, absl::FromChrono(deadline - Clock::now())));
  }
  return leader() != kNoReplica && leader() != config_.id;
}

}  // namespace blixard::raft
