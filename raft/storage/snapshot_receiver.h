// The follower's side of snapshot transfers (snapshot_transfer.h): one at a time, into the store.
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_RECEIVER_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_RECEIVER_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "raft/core/types.h"
#include "raft/storage/byte_budget.h"
#include "raft/storage/snapshot_format.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/snapshot_transfer.h"
#include "raft/storage/snapshot_writer.h"

namespace blixard::raft {

// No clock and no thread; touches the disk in every call but NextAck. Holds what was received and
// not written: at most window_bytes from a sender that keeps the rules, the store's
// max_pending_bytes from any. Chunks for others, or damaged on the way, are dropped.
//
// A receiver that begins anew begins at 0: the store forgets what was never finished.
class SnapshotReceiver {
 public:
  struct Self {
    ClusterId cluster{0};
    ReplicaId id = kNoReplica;
  };

  // The store must outlive it. CHECKs the options, of which the window is the sender's affair.
  SnapshotReceiver(const SnapshotTransferOptions& options, const Self& self, SnapshotStore& store);

  void OnChunk(const SnapshotChunk& chunk);

  // Grants the tick's bytes to the disk; gives a transfer up whose sender fell silent.
  void Tick();

  // Makes `ack` the next one to send and returns true; false: nothing to say. Later words replace
  // earlier ones that were not fetched.
  bool NextAck(SnapshotAck& ack);

  // What is being received.
  bool is_receiving() const { return writer_ != nullptr; }
  uint64_t received_bytes() const { return writer_ == nullptr ? 0 : writer_->stream_bytes(); }
  uint64_t held_bytes() const { return writer_ == nullptr ? 0 : writer_->pending_bytes(); }
  uint64_t chunks_dropped() const { return chunks_dropped_; }

 private:
  bool IsIntact(const SnapshotChunk& chunk) const;
  bool IsSameStream(const SnapshotChunk& chunk) const;
  bool Join(const SnapshotChunk& chunk);
  void Begin(const SnapshotChunk& chunk);
  void Accept(const SnapshotChunk& chunk);
  void Proceed();
  void Finish();
  void GiveUp(SnapshotAckKind kind);
  void Answer(SnapshotAckKind kind, uint64_t received);
  void AnswerOther(const SnapshotChunk& chunk, SnapshotAckKind kind);

  const SnapshotTransferOptions options_;
  const Self self_;
  SnapshotStore& store_;
  ByteBudget budget_;

  // The transfer that counts: the latest one heard of, and who sends it.
  TransferId transfer_;
  ReplicaId sender_ = kNoReplica;
  // What it carries, while it is being received.
  std::unique_ptr<SnapshotWriter> writer_;
  uint64_t stream_bytes_ = 0;
  uint32_t stream_crc32c_ = 0;
  uint32_t idle_ticks_ = 0;

  std::optional<SnapshotAck> ack_;        // of the transfer that counts
  std::optional<SnapshotAck> other_ack_;  // of any other
  uint64_t chunks_dropped_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_RECEIVER_H_
