// What the protocol machine wants done before it can go on.
#ifndef BLIXARD_RAFT_CORE_READY_BATCH_H_
#define BLIXARD_RAFT_CORE_READY_BATCH_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/node_status.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Says which append or apply was completed; handed back as it was given. 0 = there was none.
struct AppendDone {
  uint64_t sequence = 0;
};
struct ApplyDone {
  uint64_t sequence = 0;
};

// One step for the log's storage. Steps are carried out in the order they were handed out.
struct ReadyAppend {
  // Replaces the whole log, before `entries`: what stood in it is gone, it goes on behind
  // snapshot->last, and hard_state is set too and must be stored in the same atomic step. The state
  // machine must be restored from this snapshot before anything of a later ReadyApply.
  std::optional<SnapshotMeta> snapshot;

  // Set when it changed. `commit` never passes what was durable before this batch, so a torn write
  // cannot leave a commit index behind that has no entry.
  std::optional<HardState> hard_state;

  // In index order, no gap inside. The first may stand at an index that was written before: then it
  // and its successors replace everything from there on.
  absl::Span<const Entry> entries;

  bool must_sync = false;  // false: nothing here is a promise, losing it in a crash is harmless

  // Promises: votes, vote replies, append replies. To be sent once this step, and every one before
  // it, is durable; sent too early they break safety after a crash.
  absl::Span<Message> messages;

  AppendDone done;

  bool HasWork() const { return done.sequence != 0; }
};

// Committed and durable here, continuing exactly where the work before stopped.
struct ReadyApply {
  absl::Span<const Entry> committed;
  ApplyDone done;

  bool HasWork() const { return done.sequence != 0; }
};

// The answer to RawNode::ReadIndex. A read is linearizable once the state machine has applied
// `index`. Refused reads may be tried again.
struct ReadAnswer {
  ReadToken token{0};
  bool refused = false;
  LogIndex index;
};

// The owner sends `messages`; stores `append`; sends append.messages; applies `apply`; answers
// `reads`. It may do the first three in this order only, the others at any time. Sending may lose
// messages. Messages may be moved out and entries copied; the spans belong to the RawNode and end
// with Advance. Until then entries stay as they are, also when the log below them is overwritten.
//
// Synchronous mode: RawNode::Advance says that all of it is done.
// Asynchronous mode (RawNodeConfig::async_storage_writes): Advance only closes the batch; the owner
// calls RawNode::Completed with append.done and apply.done when that was stored and applied.
struct ReadyBatch {
  std::optional<SoftState> soft_state;  // set when leader or role changed

  // A leader's appends and heartbeats, which may overtake its own disk (thesis 10.2.1), and what
  // promises nothing: pre-vote requests, heartbeat replies, reads, transfers.
  absl::Span<Message> messages;

  ReadyAppend append;
  ReadyApply apply;
  absl::Span<const ReadAnswer> reads;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_READY_BATCH_H_
