#include "raft/storage/snapshot_receiver.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/mutation.h"
#include "raft/core/snapshot_meta.h"

namespace blixard::raft {

SnapshotReceiver::SnapshotReceiver(const SnapshotTransferOptions& options, const Self& self,
                                   SnapshotStore& store)
    : options_(options), self_(self), store_(store), budget_(options.bytes_per_tick, 0) {
  CHECK(options.Validate().ok()) << options.Validate();
}

bool SnapshotReceiver::IsIntact(const SnapshotChunk& chunk) const {
  const bool is_ours = chunk.route.cluster == self_.cluster && chunk.route.to == self_.id;
  return (is_ours || Mutated(Mutation::kS25TakesForeignChunks)) &&
         chunk.data.size() <= kMaxSnapshotChunkBytes && chunk.offset <= chunk.stream_bytes &&
         chunk.data.size() <= chunk.stream_bytes - chunk.offset &&
         PayloadCrc32c(chunk.data.view()) == chunk.data_crc32c;
}

void SnapshotReceiver::OnChunk(const SnapshotChunk& chunk) {
  if (!IsIntact(chunk)) {
    ++chunks_dropped_;
    return;
  }
  const std::optional<SnapshotMeta> newest = store_.newest();
  if (newest && newest->last.index >= chunk.snapshot.index) {
    // It came before, perhaps in another transfer.
    return AnswerOther(chunk, SnapshotAckKind::kInstalled);
  }
  const bool is_older = chunk.transfer < transfer_ && !Mutated(Mutation::kL12OlderTransferWins);
  if (is_older) return AnswerOther(chunk, SnapshotAckKind::kRefused);
  if (!Join(chunk)) return;
  Accept(chunk);
  Proceed();
}

bool SnapshotReceiver::IsSameStream(const SnapshotChunk& chunk) const {
  if (Mutated(Mutation::kL12MixesTransfers)) return writer_ != nullptr;
  return writer_ != nullptr && writer_->meta().last == chunk.snapshot &&
         stream_bytes_ == chunk.stream_bytes && stream_crc32c_ == chunk.stream_crc32c;
}

// Makes the chunk's transfer, which is not older, the one that counts. Whether its stream is being
// received now.
bool SnapshotReceiver::Join(const SnapshotChunk& chunk) {
  const bool is_new = chunk.transfer > transfer_;
  if (is_new) ack_.reset();
  transfer_ = chunk.transfer;
  sender_ = chunk.route.from;
  if (IsSameStream(chunk) && !(is_new && Mutated(Mutation::kL12BeginsTransferAnew))) return true;
  if (!is_new && writer_ != nullptr) {  // one name for two streams: no sender of ours
    ++chunks_dropped_;
    return false;
  }
  writer_.reset();
  if (chunk.offset != 0 || !chunk.configuration) {
    Answer(SnapshotAckKind::kRestart, 0);
    return false;
  }
  Begin(chunk);
  return writer_ != nullptr;
}

void SnapshotReceiver::Begin(const SnapshotChunk& chunk) {
  absl::StatusOr<Configuration> configuration = DecodeConfiguration(chunk.configuration.view());
  if (!configuration.ok()) {
    ++chunks_dropped_;
    return;
  }
  absl::StatusOr<std::unique_ptr<SnapshotWriter>> writer =
      store_.Create({.last = chunk.snapshot, .configuration = *std::move(configuration)});
  if (!writer.ok()) return Answer(SnapshotAckKind::kRefused, 0);
  writer_ = *std::move(writer);
  stream_bytes_ = chunk.stream_bytes;
  stream_crc32c_ = chunk.stream_crc32c;
  idle_ticks_ = 0;
}

// Takes of the chunk what comes next in the stream, if anything does.
void SnapshotReceiver::Accept(const SnapshotChunk& chunk) {
  const uint64_t expected = writer_->stream_bytes();
  idle_ticks_ = 0;
  if (chunk.offset > expected || chunk.offset + chunk.data.size() <= expected) return;
  const absl::string_view fresh = chunk.data.view().substr(expected - chunk.offset);
  // No room until the disk has taken some of what came before: the sender repeats it.
  if (!writer_->Write(fresh).ok()) ++chunks_dropped_;
}

// Lets the disk have what it may, and tells the sender how far that is.
void SnapshotReceiver::Proceed() {
  const absl::StatusOr<size_t> written = writer_->WriteSome(
      static_cast<size_t>(std::min<uint64_t>(budget_.left(), writer_->pending_bytes())));
  if (!written.ok()) return GiveUp(SnapshotAckKind::kRefused);
  budget_.Spend(*written);
  if (writer_->stream_bytes() == stream_bytes_ && writer_->pending_bytes() == 0) return Finish();
  Answer(SnapshotAckKind::kProgress, writer_->settled_bytes());
}

void SnapshotReceiver::Finish() {
  // Every chunk was intact, so two senders had different bytes for one state, or one cannot read
  // its disk.
  if (writer_->stream_crc32c() != stream_crc32c_) return GiveUp(SnapshotAckKind::kRefused);
  if (!writer_->Commit().ok()) return GiveUp(SnapshotAckKind::kRefused);
  GiveUp(SnapshotAckKind::kInstalled);
}

void SnapshotReceiver::GiveUp(SnapshotAckKind kind) {
  writer_.reset();
  Answer(kind, 0);
}

void SnapshotReceiver::Tick() {
  budget_.Tick();
  if (writer_ == nullptr) return;
  if (++idle_ticks_ >= options_.timeout_ticks) return writer_.reset();
  if (writer_->pending_bytes() > 0) Proceed();
}

void SnapshotReceiver::Answer(SnapshotAckKind kind, uint64_t received) {
  ack_ = {.route = {.cluster = self_.cluster, .from = self_.id, .to = sender_},
          .transfer = transfer_,
          .kind = kind,
          .received = received};
}

void SnapshotReceiver::AnswerOther(const SnapshotChunk& chunk, SnapshotAckKind kind) {
  other_ack_ = {.route = {.cluster = self_.cluster, .from = self_.id, .to = chunk.route.from},
                .transfer = chunk.transfer,
                .kind = kind};
}

bool SnapshotReceiver::NextAck(SnapshotAck& ack) {
  std::optional<SnapshotAck>& next = ack_ ? ack_ : other_ack_;
  if (!next) return false;
  ack = *next;
  next.reset();
  return true;
}

}  // namespace blixard::raft
