// Proposals and reads for callers that have a thread to wait with; the way without one is
// ProposalListener and ReadListener.
#ifndef BLIXARD_RAFT_RUNTIME_BLOCKING_CALLS_H_
#define BLIXARD_RAFT_RUNTIME_BLOCKING_CALLS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/runtime/replica.h"

namespace blixard::raft {

// Proposes `request` and waits for what the state machine says to it. kUnknown: leadership was lost
// on the way, so it may be carried out, now or later, or never; every other error: it is not and
// never will be. kFailedPrecondition when this replica does not lead (any more), otherwise as
// Replica::Propose. Any thread, but not from a listener.
absl::StatusOr<std::string> ProposeAndWait(Replica& replica, absl::string_view request);

// Returns OK once the state machine of this replica shows everything that was committed before the
// call: what is read from it then is linearizable. kUnavailable when no leader confirmed it,
// otherwise as Replica::Read; nothing happened then. Any thread, but not from a listener.
absl::Status AwaitReadable(Replica& replica);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_BLOCKING_CALLS_H_
