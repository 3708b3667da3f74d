// Proposals and reads for callers that have a thread to wait with; the way without one is
// ProposalListener and ReadListener.
#ifndef BLIXARD_RAFT_RUNTIME_BLOCKING_CALLS_H_
#define BLIXARD_RAFT_RUNTIME_BLOCKING_CALLS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "raft/runtime/replica.h"

namespace blixard::raft {

// Proposes `request` and waits for what the state machine says to it. kUnknown: leadership was lost
// on the way, or `limit` passed, so it may be carried out, now or later, or never; every other
// error: it is not and never will be. kFailedPrecondition when this replica does not lead (any
// more), otherwise as Replica::Propose. Any thread, but not from a listener.
// Without a limit this may wait as long as a leader keeps its office and cannot apply, as while the
// disk of its log is full.
absl::StatusOr<std::string> ProposeAndWait(Replica& replica, absl::string_view request,
                                           absl::Duration limit = absl::InfiniteDuration());

// Returns OK once the state machine of this replica shows everything that was committed before the
// call: what is read from it then is linearizable. kUnavailable when no leader confirmed it,
// kDeadlineExceeded when this replica has not applied as far within `limit` (the leader can answer
// while the disk here is full), otherwise as Replica::Read; nothing happened then. Any thread, but
// not from a listener.
absl::Status AwaitReadable(Replica& replica, absl::Duration limit = absl::InfiniteDuration());

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_BLOCKING_CALLS_H_
