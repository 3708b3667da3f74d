#include "raft/storage/wal_recovery.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/storage/log_replay.h"
#include "raft/storage/segment.h"
#include "raft/storage/segment_list.h"
#include "raft/storage/segment_scan.h"
#include "raft/storage/wal_frame.h"

namespace blixard::raft {
namespace {

absl::Status At(absl::string_view path, uint64_t offset, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(path, ": offset ", offset, ": ", status.message()));
}

// One segment as it was read.
struct SegmentContent {
  std::string path;
  std::unique_ptr<File> file;
  std::string bytes;
  uint64_t end = 0;             // of its frames
  uint64_t durable_offset = 0;  // surely synced up to here
  absl::Status end_reason;      // why there is no frame at `end`
  SegmentTail tail;
  SegmentOrigin origin = SegmentOrigin::kFresh;

  // What stands behind the frames and was meant to be some.
  uint64_t torn_bytes() const {
    return origin == SegmentOrigin::kFresh ? tail.used_bytes : tail.own_bytes;
  }
};

absl::Status ReadContent(FileSystem& files, SegmentContent& segment) {
  absl::StatusOr<std::unique_ptr<File>> file = files.Open(segment.path, OpenMode::kExisting);
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

class Recoverer {
 public:
  Recoverer(FileSystem& files, memory::BufferPool& payloads, const WalOptions& options)
      : files_(files), options_(options), replay_(payloads) {}

  absl::StatusOr<WalRecovery> Run(const SegmentList& list) {
    if (list.last == 0) return WalRecovery{};
    for (uint64_t sequence = list.first; sequence <= list.last; ++sequence) {
      absl::Status status = ReadSegment(sequence, list);
      if (!status.ok()) return status;
    }
    absl::Status status = CheckBeginning(list);
    if (status.ok()) status = SettleLast();
    if (!status.ok()) return status;
    return Result(list);
  }

 private:
  // Takes the segment behind `last_` and makes it the last.
  absl::Status ReadSegment(uint64_t sequence, const SegmentList& list) {
    SegmentContent segment;
    segment.path = SegmentPath(options_, sequence);
    segment.bytes = std::move(last_.bytes);  // for its capacity
    absl::Status status = ReadContent(files_, segment);
    if (status.ok()) status = CheckHeader(sequence, list, segment);
    if (!status.ok()) return status;
    if (sequence > list.first) retained_.Close(sequence - 1, replay_.last().index);
    status = ReplayFrames(sequence, segment);
    if (!status.ok()) return status;
    segment.tail = InspectTail(segment.bytes, sequence, segment.end);
    last_ = std::move(segment);
    return CheckTail();
  }

  // The segment's own header, and what it says about the segment before it.
  absl::Status CheckHeader(uint64_t sequence, const SegmentList& list, SegmentContent& segment) {
    const absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader(segment.bytes, sequence);
    if (!header.ok()) return At(segment.path, 0, header.status());
    absl::Status status = CheckOwner(*header, options_);
    if (!status.ok()) return At(segment.path, 0, status);
    segment.origin = header->origin;
    if (sequence == list.first) {
      replay_.Begin({.base = header->base, .last = header->last, .hard_state = header->hard_state});
      return absl::OkStatus();
    }
    status = CheckPrevious(header->previous_end);
    return status.ok() ? CheckContinues(*header, segment.path) : status;
  }

  absl::Status CheckContinues(const SegmentHeader& header, absl::string_view path) const {
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
  absl::Status CheckPrevious(uint64_t want_end) const {
    if (last_.end == want_end && last_.torn_bytes() == 0) return absl::OkStatus();
    return At(last_.path, last_.end,
              absl::DataLossError(absl::StrCat(
                  "want frames up to offset ", want_end, ", as the next segment says, and none ",
                  "behind them; got: ", last_.end_reason.message(), ", and ", last_.torn_bytes(),
                  " bytes that belong to some")));
  }

  absl::Status CheckBeginning(const SegmentList& list) const {
    absl::Status status = replay_.CheckWhole();
    if (status.ok()) return status;
    return absl::DataLossError(absl::StrCat(SegmentPath(options_, list.first - 1),
                                            ": want this segment before ", SegmentName(list.first),
                                            ", got no such file: ", status.message()));
  }

  absl::Status ReplayFrames(uint64_t sequence, SegmentContent& segment) {
    FrameCursor cursor(segment.bytes, sequence);
    absl::StatusOr<Frame> frame = cursor.Next();  // the header
    segment.end = cursor.offset();
    for (frame = cursor.Next(); frame.ok(); frame = cursor.Next()) {
      absl::Status status = replay_.Apply(*frame);
      if (!status.ok()) return At(segment.path, segment.end, status);
      NoteCut(frame->header);
      segment.end = cursor.offset();
    }
    segment.end_reason = frame.status();
    const uint64_t proven = std::max(kSegmentHeaderBytes, cursor.durable_offset());
    segment.durable_offset = std::min(segment.end, proven);
    return absl::OkStatus();
  }

  void NoteCut(const FrameHeader& header) {
    if (header.type == FrameType::kEntry) retained_.CutTo(header.index - 1);
    if (header.type == FrameType::kSnapshot) retained_.CutTo(LogIndex{0});
  }

  // Whether what stands behind the frames can be the work of a crash.
  absl::Status CheckTail() const {
    if (!last_.tail.witness.has_value()) return absl::OkStatus();
    return At(last_.path, last_.end,
              absl::DataLossError(absl::StrCat(last_.end_reason.message(), "; the frame at offset ",
                                               *last_.tail.witness,
                                               " shows that an intact one was synced here")));
  }

  // Makes the end of the log what it was read as, for good. Whatever is not known to be synced is
  // written once more: after a failed sync the system may show data that is not on the disk and
  // that no later sync would write (CockroachDB #37102).
  absl::Status SettleLast() {
    const uint64_t size = last_.bytes.size();
    const uint64_t used = last_.end + last_.tail.used_bytes;
    last_.bytes.resize(std::max(size, used));
    std::fill(last_.bytes.begin() + last_.end, last_.bytes.begin() + used, '\0');
    const absl::string_view unproven =
        absl::string_view(last_.bytes).substr(last_.durable_offset, used - last_.durable_offset);
    absl::Status status = Refill(size);
    if (status.ok()) status = last_.file->Write(last_.durable_offset, unproven);
    if (status.ok()) status = last_.file->SyncData();
    if (status.ok()) status = files_.SyncDirectory(options_.directory);
    return status;
  }

  // Gives a file that was cut short its size and its zeros back.
  absl::Status Refill(uint64_t size) {
    if (size >= options_.segment_bytes) return absl::OkStatus();
    absl::Status status = last_.file->Allocate(options_.segment_bytes);
    if (status.ok()) status = WriteZeros(*last_.file, size, options_.segment_bytes);
    return status;
  }

  WalRecovery Result(const SegmentList& list) {
    WalRecovery result;
    result.last = replay_.last();
    result.log = replay_.TakeLog();
    result.sequence = list.last;
    result.file = std::move(last_.file);
    result.end = last_.end;
    result.leftover = list.leftover;
    result.retained = std::move(retained_);
    result.log.torn_bytes = last_.torn_bytes();
    if (result.log.torn_bytes > 0) {
      result.log.note = absl::StrCat(last_.path, ": cut ", result.log.torn_bytes,
                                     " bytes of a torn write at offset ", last_.end, " (",
                                     last_.end_reason.message(), ")");
    }
    return result;
  }

  FileSystem& files_;
  const WalOptions& options_;
  LogReplay replay_;
  RetainedSegments retained_;
  SegmentContent last_;
};

}  // namespace

absl::StatusOr<WalRecovery> RecoverWal(FileSystem& files, memory::BufferPool& payloads,
                                       const WalOptions& options,
                                       const std::vector<std::string>& names) {
  return Recoverer(files, payloads, options).Run(ListSegments(names));
}

}  // namespace blixard::raft
