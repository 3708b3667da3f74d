#include "raft/storage/wal_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "raft/core/mutation.h"

namespace blixard::raft {

absl::Status WalReader::Read(const SegmentList& list) {
  for (uint64_t sequence = list.first; sequence <= list.last; ++sequence) {
    absl::Status status = ReadSegment(sequence, list);
    if (!status.ok()) return status;
  }
  return CheckBeginning(list);
}

absl::Status WalReader::At(absl::string_view path, uint64_t offset, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(path, ": offset ", offset, ": ", status.message()));
}

// Takes the segment behind `last_` and makes it the last.
absl::Status WalReader::ReadSegment(uint64_t sequence, const SegmentList& list) {
  SegmentContent segment;
  segment.path = SegmentPath(options_, sequence);
  segment.bytes = std::move(last_.bytes);  // for its capacity
  absl::Status status = ReadContent(segment);
  if (status.ok()) status = CheckHeader(sequence, list, segment);
  if (!status.ok()) return status;
  if (sequence > list.first) retained_.Close(sequence - 1, replay_.last().index);
  status = ReplayFrames(sequence, segment);
  if (!status.ok()) return status;
  segment.tail = InspectTail(segment.bytes, sequence, segment.end);
  last_ = std::move(segment);
  if (observer_ != nullptr) observer_->OnSegment(last_);
  return CheckTail();
}

absl::Status WalReader::ReadContent(SegmentContent& segment) {
  absl::StatusOr<std::unique_ptr<File>> file = files_.Open(segment.path, mode_);
  if (!file.ok()) return file.status();
  segment.file = *std::move(file);
  const absl::StatusOr<uint64_t> size = segment.file->Size();
  if (!size.ok()) return size.status();
  if (*size > kMaxSegmentBytes) {
    return absl::DataLossError(absl::StrCat(segment.path, ": size of segment: want at most ",
                                            kMaxSegmentBytes, " bytes, got ", *size));
  }
  segment.bytes.resize(*size);
  const absl::StatusOr<size_t> got = segment.file->Read(0, absl::MakeSpan(segment.bytes));
  if (!got.ok()) return got.status();
  segment.bytes.resize(*got);
  return absl::OkStatus();
}

// The segment's own header, and what it says about the segment before it.
absl::Status WalReader::CheckHeader(uint64_t sequence, const SegmentList& list,
                                    SegmentContent& segment) {
  const absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader(segment.bytes, sequence);
  if (!header.ok()) return At(segment.path, 0, header.status());
  absl::Status status = CheckOwner(*header, options_);
  if (!status.ok()) return At(segment.path, 0, status);
  segment.header = *header;
  if (sequence == list.first) {
    replay_.Begin({.base = header->base, .last = header->last, .hard_state = header->hard_state});
    return absl::OkStatus();
  }
  status = CheckPrevious(header->previous_end);
  return status.ok() ? CheckContinues(*header, segment.path) : status;
}

absl::Status WalReader::CheckContinues(const SegmentHeader& header, absl::string_view path) const {
  const bool same = header.base == replay_.base() && header.last == replay_.last() &&
                    header.hard_state == replay_.hard_state();
  if (same) return absl::OkStatus();
  return At(path, 0,
            absl::DataLossError(absl::StrCat(
                "state of the log in segment header: want base, last and commit index ",
                replay_.base().index.value, ", ", replay_.last().index.value, ", ",
                replay_.hard_state().commit.value, " as the segments before leave it, got ",
                header.base.index.value, ", ", header.last.index.value, ", ",
                header.hard_state.commit.value)));
}

// A segment was synced before the next one was made, so nothing in it can be torn.
absl::Status WalReader::CheckPrevious(uint64_t want_end) const {
  if (last_.end == want_end && last_.torn_bytes() == 0) return absl::OkStatus();
  return At(last_.path, last_.end,
            absl::DataLossError(absl::StrCat(
                "want frames up to offset ", want_end, ", as the next segment says, and none ",
                "behind them; got: ", last_.end_reason.message(), ", and ", last_.torn_bytes(),
                " bytes that belong to some")));
}

absl::Status WalReader::CheckBeginning(const SegmentList& list) const {
  absl::Status status = replay_.CheckWhole();
  if (status.ok()) return status;
  return absl::DataLossError(absl::StrCat(SegmentPath(options_, list.first - 1),
                                          ": want this segment before ", SegmentName(list.first),
                                          ", got no such file: ", status.message()));
}

absl::Status WalReader::ReplayFrames(uint64_t sequence, SegmentContent& segment) {
  FrameCursor cursor(segment.bytes, sequence);
  absl::StatusOr<Frame> frame = cursor.Next();  // the header
  segment.end = cursor.offset();
  for (frame = cursor.Next(); frame.ok(); frame = cursor.Next()) {
    absl::Status status = replay_.Apply(*frame);
    if (!status.ok()) return At(segment.path, segment.end, status);
    NoteCut(frame->header);
    if (observer_ != nullptr) observer_->OnFrame(segment, *frame);
    segment.end = cursor.offset();
  }
  segment.end_reason = frame.status();
  const uint64_t proven = std::max(kSegmentHeaderBytes, cursor.durable_offset());
  segment.durable_offset = std::min(segment.end, proven);
  return absl::OkStatus();
}

void WalReader::NoteCut(const FrameHeader& header) {
  if (header.type == FrameType::kEntry) retained_.CutTo(header.index - 1);
  if (header.type == FrameType::kSnapshot) retained_.CutTo(LogIndex{0});
}

// Whether what stands behind the frames can be the work of a crash.
absl::Status WalReader::CheckTail() const {
  if (!last_.tail.witness.has_value()) return absl::OkStatus();
  if (Mutated(Mutation::kS18CutsDamagedMiddle)) return absl::OkStatus();
  return At(last_.path, last_.end,
            absl::DataLossError(absl::StrCat(last_.end_reason.message(), "; the frame at offset ",
                                             *last_.tail.witness,
                                             " shows that an intact one was synced here")));
}

}  // namespace blixard::raft
