#include "raft/storage/snapshot_sender.h"

#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration_codec.h"

namespace blixard::raft {

SnapshotSender::SnapshotSender(const SnapshotTransferOptions& options, const SnapshotRoute& route,
                               const TransferId& transfer, std::unique_ptr<SnapshotReader> reader)
    : options_(options),
      route_(route),
      transfer_(transfer),
      reader_(std::move(reader)),
      total_(reader_->stream_bytes()),
      budget_(options.bytes_per_tick, options.chunk_bytes) {
  CHECK(options.Validate().ok()) << options.Validate();
}

bool SnapshotSender::NextChunk(SnapshotChunk& chunk) {
  if (state_ != State::kSending || last_sent_) return false;
  const uint64_t size = std::min<uint64_t>(options_.chunk_bytes, total_ - next_);
  if (next_ + size - acked_ > options_.window_bytes || !budget_.Allows(size)) return false;
  if (!Fill(chunk, size)) return false;
  budget_.Spend(size);
  if (next_ < high_water_) sent_again_ += std::min(size, high_water_ - next_);
  next_ += size;
  high_water_ = std::max(high_water_, next_);
  last_sent_ = next_ == total_;
  return true;
}

bool SnapshotSender::Fill(SnapshotChunk& chunk, uint64_t size) {
  chunk = {.route = route_,
           .transfer = transfer_,
           .snapshot = reader_->meta().last,
           .stream_bytes = total_,
           .stream_crc32c = reader_->stream_crc32c(),
           .offset = next_};
  memory::BufferPool& pool = memory::BufferPool::Default();
  if (next_ == 0) {
    absl::StatusOr<memory::Buffer> configuration =
        pool.AcquireCopy(Encode(reader_->meta().configuration));
    if (!configuration.ok()) return false;  // no memory now: the next call may find some
    chunk.configuration = *std::move(configuration);
  }
  absl::StatusOr<memory::Buffer> data = pool.Acquire(size);
  if (!data.ok()) return false;
  data->Resize(size);
  const absl::StatusOr<size_t> read =
      reader_->ReadAt(next_, absl::MakeSpan(data->mutable_data(), size));
  if (!read.ok()) {
    Fail(read.status());
    return false;
  }
  chunk.data_crc32c = PayloadCrc32c(data->view());
  chunk.data = *std::move(data);
  return true;
}

void SnapshotSender::OnAck(const SnapshotAck& ack) {
  if (state_ != State::kSending || ack.transfer != transfer_) return;
  if (ack.route.cluster != route_.cluster || ack.route.from != route_.to) return;
  switch (ack.kind) {
    case SnapshotAckKind::kProgress:
      return OnProgress(ack.received);
    case SnapshotAckKind::kInstalled:
      state_ = State::kInstalled;
      return;
    case SnapshotAckKind::kRestart:
      // Perhaps an old one: then the receiver's next word brings next_ forward again. No progress:
      // a receiver that forgets for ever is given up.
      acked_ = 0;
      return SendAgain();
    case SnapshotAckKind::kRefused:
      return Fail(absl::UnavailableError(absl::StrCat("replica ", static_cast<uint64_t>(route_.to),
                                                      " refused the snapshot of entry ",
                                                      reader_->meta().last.index.value)));
  }
}

void SnapshotSender::OnProgress(uint64_t received) {
  if (received <= acked_ || received > total_) return;
  acked_ = received;
  next_ = std::max(next_, acked_);
  last_sent_ = last_sent_ || next_ == total_;
  idle_ticks_ = 0;
  retry_ticks_ = 0;
}

void SnapshotSender::SendAgain() {
  next_ = acked_;
  last_sent_ = false;
  retry_ticks_ = 0;
}

void SnapshotSender::Tick() {
  if (state_ != State::kSending) return;
  budget_.Tick();
  if (next_ == acked_ && !last_sent_) return;  // the budget is what keeps it waiting
  if (++idle_ticks_ >= options_.timeout_ticks) {
    return Fail(absl::UnavailableError(absl::StrCat("replica ", static_cast<uint64_t>(route_.to),
                                                    " was silent for ", idle_ticks_, " ticks, ",
                                                    acked_, " of ", total_, " bytes sent")));
  }
  if (++retry_ticks_ >= options_.retry_ticks) SendAgain();
}

void SnapshotSender::Fail(absl::Status status) {
  state_ = State::kFailed;
  status_ = std::move(status);
}

}  // namespace blixard::raft
