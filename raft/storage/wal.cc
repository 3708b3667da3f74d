#include "raft/storage/wal.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/mutation.h"
#include "raft/storage/directory_path.h"
#include "raft/storage/wal_recovery.h"

namespace blixard::raft {
namespace {

void Add(std::atomic<uint64_t>& counter, uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

// What the header leaves.
uint64_t LargestFrame(const WalOptions& options) {
  return options.segment_bytes - kSegmentHeaderBytes;
}

// kResourceExhausted invites to try again, and what is final must not.
absl::Status Final(absl::Status status) {
  if (!absl::IsResourceExhausted(status)) return status;
  return absl::InternalError(status.message());
}

constexpr uint64_t BlockStart(uint64_t offset) { return offset - offset % kDirectBytes; }
constexpr uint64_t BlockEnd(uint64_t offset) { return BlockStart(offset + kDirectBytes - 1); }

char* NewBlocks(uint64_t bytes) {
  char* memory = static_cast<char*>(std::aligned_alloc(kDirectBytes, bytes));
  CHECK(memory != nullptr) << "no memory for a log buffer of " << bytes << " bytes";
  return memory;
}

// Counts the segments that frames need beyond the one they begin in.
class Packing {
 public:
  Packing(uint64_t used, const WalOptions& options) : used_(used), options_(options) {}

  void Add(uint64_t frame_bytes) {
    if (used_ + frame_bytes > options_.segment_bytes) {
      used_ = kSegmentHeaderBytes;
      ++more_;
    }
    used_ += frame_bytes;
  }
  size_t more() const { return more_; }

 private:
  uint64_t used_;
  const WalOptions& options_;
  size_t more_ = 0;
};

}  // namespace

absl::StatusOr<OpenedWal> Wal::Open(FileSystem& files, memory::BufferPool& payloads,
                                    const WalOptions& options) {
  absl::Status status = options.Validate();
  if (status.ok()) status = files.MakeDirectory(options.directory);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<DirectoryLock>> lock = files.LockDirectory(options.directory);
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<std::vector<std::string>> names = files.List(options.directory);
  if (!names.ok()) return names.status();
  absl::StatusOr<WalRecovery> recovery = RecoverWal(files, payloads, options, *names);
  if (!recovery.ok()) return recovery.status();
  auto wal = std::unique_ptr<Wal>(new Wal(files, options, *std::move(lock)));
  status = wal->Start(*recovery, *names);
  if (!status.ok()) return status;
  return OpenedWal{.wal = std::move(wal), .recovered = std::move(recovery->log)};
}

void Wal::FreeMemory::operator()(char* memory) const { std::free(memory); }

Wal::Wal(FileSystem& files, const WalOptions& options, std::unique_ptr<DirectoryLock> lock)
    : files_(files),
      options_(options),
      lock_(std::move(lock)),
      buffer_(NewBlocks(options.segment_bytes)),
      supply_(files, options) {}

absl::Status Wal::Start(WalRecovery& recovery, const std::vector<std::string>& names) {
  if (recovery.sequence == 0) {
    // Nothing of value may stand in a directory whose own name could vanish.
    absl::Status status = files_.SyncDirectory(ParentOf(options_.directory));
    if (status.ok()) status = supply_.Discard(names);
    if (status.ok()) status = supply_.Ensure(1);
    return status.ok() ? StartSegment(1) : status;
  }
  hard_state_ = recovery.log.hard_state;
  base_ = recovery.log.base;
  last_ = recovery.last;
  file_ = std::move(recovery.file);
  sequence_ = recovery.sequence;
  durable_ = recovery.end;
  retained_ = std::move(recovery.retained);
  absl::Status status = supply_.Adopt(names);
  if (status.ok()) status = ReadLastBlock();
  if (!status.ok()) return status;
  for (const uint64_t sequence : recovery.leftover) supply_.Retire(sequence);
  GiveUpSegments();
  return absl::OkStatus();
}

absl::Status Wal::ReadLastBlock() {
  const uint64_t start = BlockStart(durable_);
  const absl::StatusOr<size_t> got = file_->Read(start, {buffer_.get(), durable_ - start});
  if (!got.ok()) return got.status();
  CHECK_EQ(*got, durable_ - start) << "the log's end was there a moment ago";
  return absl::OkStatus();
}

absl::Status Wal::Append(const std::optional<HardState>& hard_state,
                         absl::Span<const Entry> entries) {
  if (!failure_.ok()) return failure_;
  absl::Status status = CheckSizes(entries);
  if (!status.ok()) return status;
  CheckOrder(hard_state, entries);
  status = EnsureRoom(hard_state, entries);
  if (!status.ok()) return status;
  return Latch(AppendAll(hard_state, entries));
}

// All segments that the frames need are there before the first is taken, so that a full disk leaves
// the log as it was.
absl::Status Wal::EnsureRoom(const std::optional<HardState>& hard_state,
                             absl::Span<const Entry> entries) {
  Packing packing(durable_ + pending_, options_);
  if (hard_state.has_value()) packing.Add(kHardStateFrameBytes);
  for (const Entry& entry : entries) packing.Add(FrameBytes(entry.payload.size()));
  if (hard_state.has_value()) packing.Add(kHardStateFrameBytes);
  return LatchUnlessFull(supply_.Ensure(packing.more()));
}

uint64_t Wal::max_payload_bytes() const { return LargestFrame(options_) - kFrameHeaderBytes; }

absl::Status Wal::CheckSizes(absl::Span<const Entry> entries) const {
  for (const Entry& entry : entries) {
    if (entry.payload.size() <= max_payload_bytes()) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "payload of entry ", entry.index.value, ": want at most ", max_payload_bytes(),
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
  CHECK_LE(hard_state->commit, last.index) << "the commit index is behind the end of the log";
  CheckSuccessor(*hard_state);
}

void Wal::CheckSuccessor(const HardState& state) const {
  CHECK_GE(state.term, hard_state_.term) << "the term goes back";
  CHECK_GE(state.commit, hard_state_.commit) << "the commit index goes back";
  const bool may_vote = state.term > hard_state_.term || hard_state_.vote == kNoReplica;
  CHECK(may_vote || state.vote == hard_state_.vote)
      << "the vote in term " << state.term << " changes from " << hard_state_.vote << " to "
      << state.vote;
}

// Each frame on its own keeps the log sound, wherever a crash cuts: no entry of a term before that
// term is on record, and no commit index before its entry.
absl::Status Wal::AppendAll(const std::optional<HardState>& hard_state,
                            absl::Span<const Entry> entries) {
  absl::Status status;
  if (hard_state.has_value() && !Mutated(Mutation::kS7StoresTermAfterEntries)) {
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
  const FramePlace at = place();
  EncodeHardStateFrame(hard_state, at, Reserve(kHardStateFrameBytes));
  hard_state_ = hard_state;
  return absl::OkStatus();
}

absl::Status Wal::AppendEntry(const Entry& entry) {
  const uint64_t frame_bytes = FrameBytes(entry.payload.size());
  absl::Status status = MakeRoom(frame_bytes);
  if (!status.ok()) return status;
  const FramePlace at = place();
  EncodeFrame({.payload_crc32c = entry.payload_crc32c,
               .type = FrameType::kEntry,
               .entry_type = static_cast<uint8_t>(entry.type),
               .sequence = at.sequence,
               .offset = at.offset,
               .durable_offset = at.durable_offset,
               .term = entry.term,
               .index = entry.index},
              entry.payload.view(), Reserve(frame_bytes));
  if (entry.index <= last_.index) retained_.CutTo(entry.index - 1);
  last_ = entry.id();
  return absl::OkStatus();
}

absl::Status Wal::MakeRoom(uint64_t frame_bytes) {
  if (durable_ + pending_ + frame_bytes <= options_.segment_bytes) return absl::OkStatus();
  absl::Status status = WritePending();
  return status.ok() ? StartSegment(sequence_ + 1) : status;
}

// Where the next frame goes in memory; MakeRoom comes first, and place() after that.
char* Wal::Reserve(uint64_t frame_bytes) {
  char* const to = buffer_.get() + (durable_ - BlockStart(durable_)) + pending_;
  pending_ += frame_bytes;
  Add(bytes_, frame_bytes);
  return to;
}

absl::Status Wal::StartSegment(uint64_t sequence) {
  CHECK_EQ(pending_, 0u) << "frames of segment " << sequence_ << " would move to " << sequence;
  FreeSegment segment = supply_.Take();
  absl::Status status = WriteHeader(segment, {.cluster = options_.cluster,
                                              .replica = options_.replica,
                                              .sequence = sequence,
                                              .origin = segment.origin,
                                              .base = base_,
                                              .last = last_,
                                              .hard_state = hard_state_,
                                              .previous_end = durable_});
  if (status.ok()) {
    status = files_.Rename({.from = segment.path, .to = SegmentPath(options_, sequence)});
  }
  if (status.ok() && !Mutated(Mutation::kS19ForgetsDirectorySync)) {
    status = files_.SyncDirectory(options_.directory);
  }
  if (!status.ok()) return status;
  if (sequence_ > 0) retained_.Close(sequence_, last_.index);
  if (segment.origin == SegmentOrigin::kRecycled) Add(recycled_, 1);
  file_ = std::move(segment.file);
  sequence_ = sequence;
  durable_ = kSegmentHeaderBytes;
  Add(bytes_, kSegmentHeaderBytes);
  GiveUpSegments();
  return absl::OkStatus();
}

// As the start of the segment's first block, where it stays in memory too.
absl::Status Wal::WriteHeader(const FreeSegment& segment, const SegmentHeader& header) {
  std::fill_n(buffer_.get(), kDirectBytes, '\0');
  EncodeSegmentHeader(header, buffer_.get());
  return segment.file->WriteSynced(0, {buffer_.get(), kDirectBytes});
}

absl::Status Wal::Sync() {
  if (!failure_.ok()) return failure_;
  return Latch(WritePending());
}

absl::Status Wal::CompactThrough(EntryId through) {
  if (!failure_.ok()) return failure_;
  if (through.index <= base_.index) return absl::OkStatus();
  CHECK_LE(through.index, hard_state_.commit) << "entries that are not committed are given up";
  Packing packing(durable_ + pending_, options_);
  packing.Add(FrameBytes(0));
  absl::Status status = LatchUnlessFull(supply_.Ensure(packing.more()));
  if (status.ok()) status = Latch(MakeRoom(FrameBytes(0)));
  if (!status.ok()) return status;
  const FramePlace at = place();
  EncodeBaseFrame(through, at, Reserve(FrameBytes(0)));
  base_ = through;
  return absl::OkStatus();
}

absl::Status Wal::InstallSnapshot(EntryId last, const HardState& hard_state) {
  if (!failure_.ok()) return failure_;
  CHECK_GE(last.index, hard_state_.commit) << "a snapshot would undo what is committed";
  const HardState state = {.term = hard_state.term, .vote = hard_state.vote, .commit = last.index};
  CheckSuccessor(state);
  Packing packing(durable_ + pending_, options_);
  packing.Add(kHardStateFrameBytes);
  absl::Status status = LatchUnlessFull(supply_.Ensure(packing.more()));
  if (status.ok()) status = Latch(MakeRoom(kHardStateFrameBytes));
  if (!status.ok()) return status;
  const FramePlace at = place();
  EncodeSnapshotFrame(last, state, at, Reserve(kHardStateFrameBytes));
  hard_state_ = state;
  base_ = last_ = last;
  retained_.CutTo(LogIndex{0});
  return Latch(WritePending());
}

absl::Status Wal::WritePending() {
  if (pending_ == 0) return absl::OkStatus();
  absl::Status status = WriteBlocks();
  if (!status.ok()) return status;
  Add(syncs_, 1);
  GiveUpSegments();
  return absl::OkStatus();
}

// Writes from the block that the durable part ends in to the one that the pending part ends in. The
// rest of that block gets zeros: in a recycled segment something older stands there.
absl::Status Wal::WriteBlocks() {
  const uint64_t start = BlockStart(durable_);
  const uint64_t end = durable_ + pending_;
  const uint64_t size = BlockEnd(end) - start;
  std::fill(buffer_.get() + (end - start), buffer_.get() + size, '\0');
  const absl::string_view blocks(buffer_.get(), size);
  absl::Status status = Mutated(Mutation::kS19ForgetsSync) ? file_->Write(start, blocks)
                                                           : file_->WriteSynced(start, blocks);
  if (!status.ok()) return status;
  const uint64_t kept = BlockStart(end);
  if (kept > start) std::copy_n(buffer_.get() + (kept - start), end - kept, buffer_.get());
  durable_ = end;
  pending_ = 0;
  return absl::OkStatus();
}

// Only while nothing waits: what makes a segment useless must be durable first.
void Wal::GiveUpSegments() {
  if (pending_ > 0) return;
  while (const std::optional<uint64_t> sequence = retained_.ReleaseThrough(base_.index)) {
    supply_.Retire(*sequence);
  }
  segments_.store(retained_.size() + 1, std::memory_order_relaxed);
}

absl::Status Wal::Latch(absl::Status status) {
  status = Final(std::move(status));
  if (!status.ok() && !Mutated(Mutation::kS17RetriesFailedSync)) {
    failure_ = status;
    failed_.store(true, std::memory_order_relaxed);
  }
  return status;
}

absl::Status Wal::LatchUnlessFull(absl::Status status) {
  return absl::IsResourceExhausted(status) ? status : Latch(std::move(status));
}

bool Wal::PrepareStep() { return WantsPrepare() && supply_.Step(); }

bool Wal::WantsPrepare() const {
  return !failed_.load(std::memory_order_relaxed) && supply_.WantsStep();
}

// A system that does not tell is not taken for full.
LogSpace Wal::space() const {
  return {.directory = options_.directory,
          .free_bytes = files_.FreeBytes(options_.directory).value_or(UINT64_MAX),
          .wanted_bytes = options_.reserve_bytes};
}

bool Wal::space_is_low() const {
  return files_.FreeBytes(options_.directory).value_or(UINT64_MAX) < options_.reserve_bytes;
}

LogStorageStats Wal::stats() const {
  return {.syncs = syncs_.load(std::memory_order_relaxed),
          .bytes = bytes_.load(std::memory_order_relaxed),
          .segments = segments_.load(std::memory_order_relaxed),
          .segments_recycled = recycled_.load(std::memory_order_relaxed),
          .segments_inline = supply_.made_inline(),
          .prepare_failures = supply_.failures()};
}

}  // namespace blixard::raft
