// Whether a message makes sense by itself, before anybody acts on it.
#ifndef BLIXARD_RAFT_CORE_MESSAGE_CHECK_H_
#define BLIXARD_RAFT_CORE_MESSAGE_CHECK_H_

#include "absl/status/status.h"
#include "raft/core/message.h"

namespace blixard::raft {

// kInvalidArgument naming the field: unknown type, no term, entries in a message that has none, an
// id with an index and no term or the reverse, entries that do not continue `log` or whose terms go
// back or pass the message's. Pure, allocates only for an error.
absl::Status CheckMessage(const Message& message);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_MESSAGE_CHECK_H_
