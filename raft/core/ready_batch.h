// What the protocol machine wants done before it can go on.
#ifndef BLIXARD_RAFT_CORE_READY_BATCH_H_
#define BLIXARD_RAFT_CORE_READY_BATCH_H_

#include <optional>

#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/node_status.h"
#include "raft/core/types.h"

namespace blixard::raft {

// The caller must, in this order: send `messages`; write `hard_state` and `entries`, durably if
// `must_sync`; send `messages_after_persist`; call RawNode::Advance. `committed` may be applied at
// any time (copy what is to outlive Advance). Sending may lose messages, but the same bytes must
// not be sent before their turn. The spans belong to the RawNode and end with Advance.
struct ReadyBatch {
  std::optional<SoftState> soft_state;  // set when leader or role changed

  // Set when it changed. `commit` never passes what was durable before this batch, so a torn write
  // cannot leave a commit index behind that has no entry.
  std::optional<HardState> hard_state;
  bool must_sync = false;  // false: nothing here is a promise, losing it in a crash is harmless

  // In index order, no gap inside. The first may stand at an index that was written before: then it
  // and its successors replace everything from there on.
  absl::Span<const Entry> entries;

  // A leader's appends and heartbeats, which may overtake its own disk (thesis 10.2.1), and what
  // promises nothing: pre-vote requests, heartbeat replies.
  absl::Span<const Message> messages;
  // Promises: votes, vote replies, append replies. Sent too early they break safety after a crash.
  absl::Span<const Message> messages_after_persist;

  // Committed and durable here, continuing exactly where the batch before stopped.
  absl::Span<const Entry> committed;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_READY_BATCH_H_
