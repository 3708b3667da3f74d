// The leader's side of one snapshot transfer (snapshot_transfer.h).
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_SENDER_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_SENDER_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/snapshot_meta.h"
#include "raft/storage/byte_budget.h"
#include "raft/storage/snapshot_reader.h"
#include "raft/storage/snapshot_transfer.h"

namespace blixard::raft {

// No clock and no thread: it is told of ticks and acknowledgements and asked for chunks. Reads the
// snapshot again for what has to be sent again, so it holds one chunk of the file at most. To send
// a newer snapshot, or to try again, make another one with a higher transfer number.
class SnapshotSender {
 public:
  enum class State : uint8_t { kSending, kInstalled, kFailed };

  // CHECKs the options.
  SnapshotSender(const SnapshotTransferOptions& options, const SnapshotRoute& route,
                 const TransferId& transfer, std::unique_ptr<SnapshotReader> reader);

  // Makes `chunk` the next one to send and returns true; false: nothing may be sent before the next
  // tick or acknowledgement. A snapshot that cannot be read fails the transfer: status().
  bool NextChunk(SnapshotChunk& chunk);

  // Of another transfer or route: ignored.
  void OnAck(const SnapshotAck& ack);

  void Tick();

  // kInstalled and kFailed are final; the owner reports either to the core.
  State state() const { return state_; }
  // Why it failed: kUnavailable when the peer stayed silent or refused, else what the reader said.
  const absl::Status& status() const { return status_; }

  const SnapshotMeta& meta() const { return reader_->meta(); }
  const TransferId& transfer() const { return transfer_; }
  uint64_t acked_bytes() const { return acked_; }
  uint64_t sent_again_bytes() const { return sent_again_; }

 private:
  bool Fill(SnapshotChunk& chunk, uint64_t size);
  void OnProgress(uint64_t received);
  void SendAgain();
  void Fail(absl::Status status);

  const SnapshotTransferOptions options_;
  const SnapshotRoute route_;
  const TransferId transfer_;
  const std::unique_ptr<SnapshotReader> reader_;
  const uint64_t total_;
  ByteBudget budget_;
  State state_ = State::kSending;
  absl::Status status_;
  uint64_t acked_ = 0;       // the receiver has everything before
  uint64_t next_ = 0;        // to be sent; from acked_ on
  uint64_t high_water_ = 0;  // next_ was here once
  bool last_sent_ = false;   // the end of the stream is on the way
  uint32_t idle_ticks_ = 0;  // since the last progress
  uint32_t retry_ticks_ = 0;
  uint64_t sent_again_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_SENDER_H_
