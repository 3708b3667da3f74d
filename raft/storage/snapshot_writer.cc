#include "raft/storage/snapshot_writer.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/checksum.h"
#include "raft/core/mutation.h"

namespace blixard::raft {

SnapshotWriter::SnapshotWriter(std::unique_ptr<File> file, const SnapshotHeader& header,
                               Place place, const SnapshotWriterOptions& options)
    : meta_(header.meta),
      options_(options),
      place_(std::move(place)),
      file_(std::move(file)),
      open_(NewChunk()) {
  CHECK_GE(options.max_pending_bytes, options.chunk_bytes);
  EncodedSnapshotHeader encoded = EncodeSnapshotHeader(header);
  seed_ = encoded.seed;
  header_bytes_ = encoded.bytes.size();
  absl::StatusOr<memory::Buffer> bytes = memory::BufferPool::Default().AcquireCopy(encoded.bytes);
  CHECK(bytes.ok()) << bytes.status();
  pending_bytes_ = bytes->size();
  sealed_.push_back(*std::move(bytes));
}

SnapshotWriter::~SnapshotWriter() {
  file_.reset();
  if (!committed_) place_.abandon(status_);
}

memory::Buffer SnapshotWriter::NewChunk() const {
  absl::StatusOr<memory::Buffer> chunk =
      memory::BufferPool::Default().Acquire(kChunkHeaderBytes + options_.chunk_bytes);
  CHECK(chunk.ok()) << chunk.status();
  chunk->Resize(kChunkHeaderBytes);
  return *std::move(chunk);
}

absl::Status SnapshotWriter::Write(absl::string_view bytes) {
  if (!status_.ok()) return status_;
  CHECK(!footer_queued_) << "Write after Commit";
  const uint64_t waiting = stream_bytes_ - written_bytes_;
  if (waiting + bytes.size() > options_.max_pending_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat("pending snapshot bytes: want at most ",
                                                     options_.max_pending_bytes, ", got ", waiting,
                                                     " and ", bytes.size(), " more"));
  }
  stream_bytes_ += bytes.size();
  stream_crc32c_ = ExtendCrc32c(stream_crc32c_, bytes);
  while (!bytes.empty()) {
    const size_t used = open_.size();
    const size_t taken = std::min(bytes.size(), kChunkHeaderBytes + options_.chunk_bytes - used);
    open_.Resize(used + taken);
    std::memcpy(open_.mutable_data() + used, bytes.data(), taken);
    bytes.remove_prefix(taken);
    if (open_.size() == kChunkHeaderBytes + options_.chunk_bytes) Seal();
  }
  return absl::OkStatus();
}

void SnapshotWriter::Seal() {
  const size_t data = open_.size() - kChunkHeaderBytes;
  EncodeChunkHeader(seed_, sealed_bytes_, open_.view().substr(kChunkHeaderBytes),
                    open_.mutable_data());
  sealed_bytes_ += data;
  pending_bytes_ += open_.size();
  sealed_.push_back(std::exchange(open_, NewChunk()));
}

absl::StatusOr<size_t> SnapshotWriter::WriteSome(size_t max_bytes) {
  if (!status_.ok()) return status_;
  size_t written = 0;
  while (written < max_bytes && pending_bytes_ > 0) {
    const size_t bytes = std::min(max_bytes - written, sealed_.front().size() - front_written_);
    if (absl::Status status = WriteFront(bytes); !status.ok()) return status;
    written += bytes;
    if (unsynced_bytes_ < options_.sync_every_bytes) continue;
    if (absl::Status status = Sync(); !status.ok()) return status;
  }
  return written;
}

absl::Status SnapshotWriter::WriteFront(size_t bytes) {
  if (absl::Status room = CheckRoom(bytes); !room.ok()) return room;
  const memory::Buffer& front = sealed_.front();
  absl::Status status =
      Keep(file_->Write(file_offset_, front.view().substr(front_written_, bytes)));
  if (!status.ok()) return status;
  file_offset_ += bytes;
  unsynced_bytes_ += bytes;
  front_written_ += bytes;
  pending_bytes_ -= bytes;
  if (front_written_ < front.size()) return absl::OkStatus();
  const bool is_chunk = file_offset_ > header_bytes_ && written_bytes_ < sealed_bytes_;
  if (is_chunk) written_bytes_ += front.size() - kChunkHeaderBytes;
  front_written_ = 0;
  sealed_.pop_front();
  return absl::OkStatus();
}

absl::Status SnapshotWriter::CheckRoom(size_t bytes) const {
  if (options_.reserve_bytes == 0) return absl::OkStatus();
  const uint64_t free = place_.free_bytes();
  if (free >= options_.reserve_bytes && free - options_.reserve_bytes >= bytes) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("disk of the snapshot of entry ", meta_.last.index.value, ": want ", bytes,
                   " bytes and ", options_.reserve_bytes, " more for the log free, got ", free));
}

absl::Status SnapshotWriter::Sync() {
  unsynced_bytes_ = 0;
  // Final whatever it says: what was not synced may be lost although it reads back.
  const absl::Status synced = file_->SyncData();
  if (!Mutated(Mutation::kS17SnapshotSyncsAgain)) status_.Update(synced);
  return status_.ok() ? synced : status_;
}

absl::Status SnapshotWriter::Commit() {
  if (!status_.ok()) return status_;
  CHECK(!committed_) << "second Commit";
  if (!footer_queued_) {
    if (absl::Status status = Finish(); !status.ok()) return status;
  }
  const absl::StatusOr<size_t> written = WriteSome(pending_bytes_);
  if (!written.ok()) return written.status();
  absl::Status status = Sync();
  if (status.ok()) status = Keep(place_.adopt());
  committed_ = status.ok();
  return status;
}

// Queues the last chunk and the footer, once.
absl::Status SnapshotWriter::Finish() {
  if (open_.size() > kChunkHeaderBytes) Seal();
  const SnapshotFooter footer = {
      .stream_bytes = stream_bytes_,
      .stream_crc32c = stream_crc32c_,
      .file_bytes = SnapshotFileBytes(header_bytes_, options_.chunk_bytes, stream_bytes_)};
  absl::StatusOr<memory::Buffer> bytes =
      memory::BufferPool::Default().AcquireCopy(EncodeSnapshotFooter(seed_, footer));
  if (!bytes.ok()) return bytes.status();
  pending_bytes_ += bytes->size();
  sealed_.push_back(*std::move(bytes));
  footer_queued_ = true;
  return absl::OkStatus();
}

// A full disk may have room again; whatever else a disk says is final.
absl::Status SnapshotWriter::Keep(absl::Status status) {
  if (!absl::IsResourceExhausted(status)) status_.Update(status);
  return status;
}

}  // namespace blixard::raft
