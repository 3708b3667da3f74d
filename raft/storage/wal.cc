#include "raft/storage/wal.h"

#include <glog/logging.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal_frame.h"
#include "raft/storage/wal_recovery.h"

namespace blixard::raft {
namespace {

void Add(std::atomic<uint64_t>& counter, uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

std::string ParentOf(const std::string& directory) {
  const size_t last = directory.find_last_not_of('/');
  const size_t slash = last == std::string::npos ? last : directory.rfind('/', last);
  if (slash == std::string::npos) return directory.front() == '/' ? "/" : ".";
  return directory.substr(0, slash + 1);
}

// The prelude is repeated in every segment, so no frame may need more than what it leaves.
uint64_t LargestFrame(const WalOptions& options) {
  return options.segment_bytes - kSegmentPreludeBytes;
}

}  // namespace

absl::StatusOr<OpenedWal> Wal::Open(FileSystem& files, memory::BufferPool& payloads,
                                    const WalOptions& options) {
  absl::Status status = options.Validate();
  if (status.ok()) status = files.MakeDirectory(options.directory);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<DirectoryLock>> lock = files.LockDirectory(options.directory);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<WalRecovery> recovery = RecoverWal(files, payloads, options);
  if (!recovery.ok()) return recovery.status();
  auto wal = std::unique_ptr<Wal>(new Wal(files, options, *std::move(lock)));
  status = wal->Start(*recovery);
  if (!status.ok()) return status;
  return OpenedWal{.wal = std::move(wal), .recovered = std::move(recovery->log)};
}

Wal::Wal(FileSystem& files, const WalOptions& options, std::unique_ptr<DirectoryLock> lock)
    : files_(files),
      options_(options),
      lock_(std::move(lock)),
      buffer_(std::make_unique_for_overwrite<char[]>(options.segment_bytes)) {}

absl::Status Wal::Start(WalRecovery& recovery) {
  hard_state_ = recovery.log.hard_state;
  if (!recovery.log.entries.empty()) last_ = recovery.log.entries.back().id();
  if (recovery.sequence == 0) {
    // Nothing of value may stand in a directory whose own name could vanish.
    absl::Status status = files_.SyncDirectory(ParentOf(options_.directory));
    return status.ok() ? StartSegment(1) : status;
  }
  file_ = std::move(recovery.file);
  sequence_ = recovery.sequence;
  durable_ = recovery.end;
  segments_.store(sequence_, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status Wal::Append(const std::optional<HardState>& hard_state,
                         absl::Span<const Entry> entries) {
  if (!failure_.ok()) return failure_;
  absl::Status status = CheckSizes(entries);
  if (!status.ok()) return status;
  CheckOrder(hard_state, entries);
  return Latch(AppendAll(hard_state, entries));
}

absl::Status Wal::CheckSizes(absl::Span<const Entry> entries) const {
  const uint64_t limit = LargestFrame(options_);
  for (const Entry& entry : entries) {
    if (FrameBytes(entry.payload.size()) <= limit) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "payload of entry ", entry.index.value, ": want at most ", limit - kFrameHeaderBytes,
        " bytes, as segment_bytes is ", options_.segment_bytes, ", got ", entry.payload.size()));
  }
  return absl::OkStatus();
}

void Wal::CheckOrder(const std::optional<HardState>& hard_state,
                     absl::Span<const Entry> entries) const {
  EntryId last = last_;
  if (!entries.empty()) {
    const EntryId first = entries.front().id();
    CHECK_GT(first.index, hard_state_.commit) << "a committed entry is overwritten";
    CHECK_LE(first.index, last.index + 1) << "the log would have a hole";
    if (first.index == last.index + 1) CHECK_GE(first.term, last.term) << "at " << first.index;
    last = first;
    for (const Entry& entry : entries.subspan(1)) {
      CHECK_EQ(entry.index, last.index + 1) << "entries are not contiguous";
      CHECK_GE(entry.term, last.term) << "terms go back at index " << entry.index;
      last = entry.id();
    }
  }
  if (!hard_state.has_value()) return;
  CHECK_GE(hard_state->term, hard_state_.term) << "the term goes back";
  CHECK_GE(hard_state->commit, hard_state_.commit) << "the commit index goes back";
  CHECK_LE(hard_state->commit, last.index) << "the commit index is behind the end of the log";
  const bool may_vote = hard_state->term > hard_state_.term || hard_state_.vote == kNoReplica;
  CHECK(may_vote || hard_state->vote == hard_state_.vote)
      << "the vote in term " << hard_state->term << " changes from " << hard_state_.vote << " to "
      << hard_state->vote;
}

// Each frame on its own keeps the log sound, wherever a crash cuts: no entry of a term before that
// term is on record, and no commit index before its entry.
absl::Status Wal::AppendAll(const std::optional<HardState>& hard_state,
                            absl::Span<const Entry> entries) {
  absl::Status status;
  if (hard_state.has_value()) {
    status = AppendHardState(
        {.term = hard_state->term, .vote = hard_state->vote, .commit = hard_state_.commit});
  }
  for (auto entry = entries.begin(); status.ok() && entry != entries.end(); ++entry) {
    status = AppendEntry(*entry);
  }
  if (status.ok() && hard_state.has_value()) status = AppendHardState(*hard_state);
  return status;
}

absl::Status Wal::AppendHardState(const HardState& hard_state) {
  if (hard_state == hard_state_) return absl::OkStatus();
  absl::Status status = MakeRoom(kHardStateFrameBytes);
  if (!status.ok()) return status;
  EncodeHardStateFrame(hard_state, {.sequence = sequence_, .durable_offset = durable_},
                       buffer_.get() + pending_);
  pending_ += kHardStateFrameBytes;
  Add(bytes_, kHardStateFrameBytes);
  hard_state_ = hard_state;
  return absl::OkStatus();
}

absl::Status Wal::AppendEntry(const Entry& entry) {
  const uint64_t frame_bytes = FrameBytes(entry.payload.size());
  absl::Status status = MakeRoom(frame_bytes);
  if (!status.ok()) return status;
  EncodeFrame({.payload_crc32c = entry.payload_crc32c,
               .type = FrameType::kEntry,
               .entry_type = static_cast<uint8_t>(entry.type),
               .sequence = sequence_,
               .durable_offset = durable_,
               .term = entry.term,
               .index = entry.index},
              entry.payload.view(), buffer_.get() + pending_);
  pending_ += frame_bytes;
  Add(bytes_, frame_bytes);
  last_ = entry.id();
  return absl::OkStatus();
}

absl::Status Wal::MakeRoom(uint64_t frame_bytes) {
  if (durable_ + pending_ + frame_bytes <= options_.segment_bytes) return absl::OkStatus();
  absl::Status status = WritePending();
  return status.ok() ? StartSegment(sequence_ + 1) : status;
}

absl::Status Wal::StartSegment(uint64_t sequence) {
  CHECK_EQ(pending_, 0u) << "frames of segment " << sequence_ << " would move to " << sequence;
  std::optional<HardState> repeated;
  if (hard_state_ != HardState{}) repeated = hard_state_;
  absl::StatusOr<NewSegment> segment = CreateSegment(files_, options_,
                                                     {.cluster = options_.cluster,
                                                      .replica = options_.replica,
                                                      .sequence = sequence,
                                                      .next_index = last_.index + 1,
                                                      .previous_end = durable_},
                                                     repeated);
  if (!segment.ok()) return segment.status();
  file_ = std::move(segment->file);
  sequence_ = sequence;
  durable_ = segment->end;
  Add(bytes_, segment->end);
  segments_.store(sequence, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status Wal::Sync() {
  if (!failure_.ok()) return failure_;
  return Latch(WritePending());
}

absl::Status Wal::WritePending() {
  if (pending_ == 0) return absl::OkStatus();
  absl::Status status = file_->Write(durable_, {buffer_.get(), pending_});
  if (status.ok()) status = file_->SyncData();
  if (!status.ok()) return status;
  durable_ += pending_;
  pending_ = 0;
  Add(syncs_, 1);
  return absl::OkStatus();
}

absl::Status Wal::Latch(absl::Status status) {
  if (!status.ok()) failure_ = status;
  return status;
}

LogStorageStats Wal::stats() const {
  return {.syncs = syncs_.load(std::memory_order_relaxed),
          .bytes = bytes_.load(std::memory_order_relaxed),
          .segments = segments_.load(std::memory_order_relaxed)};
}

}  // namespace blixard::raft
