#include "raft/storage/wal_recovery.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/storage/log_replay.h"
#include "raft/storage/segment.h"
#include "raft/storage/segment_scan.h"
#include "raft/storage/wal_frame.h"

namespace blixard::raft {
namespace {

absl::Status At(absl::string_view path, uint64_t offset, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(path, ": offset ", offset, ": ", status.message()));
}

// What the directory holds of a log.
struct Inventory {
  uint64_t segments = 0;                // numbered 1 to this
  std::vector<std::string> unfinished;  // paths of segments that a crash kept from completion
};

absl::StatusOr<Inventory> TakeInventory(FileSystem& files, const WalOptions& options) {
  const absl::StatusOr<std::vector<std::string>> names = files.List(options.directory);
  if (!names.ok()) return names.status();
  Inventory inventory;
  for (const std::string& name : *names) {  // sorted, so by sequence
    if (IsUnfinishedSegmentName(name)) {
      inventory.unfinished.push_back(absl::StrCat(options.directory, "/", name));
    }
    const std::optional<uint64_t> sequence = ParseSegmentName(name);
    if (!sequence.has_value()) continue;
    if (*sequence != inventory.segments + 1) {
      return absl::DataLossError(absl::StrCat(SegmentPath(options, inventory.segments + 1),
                                              ": want this segment before ", name,
                                              ", got no such file"));
    }
    ++inventory.segments;
  }
  return inventory;
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

  absl::StatusOr<WalRecovery> Run() {
    const absl::StatusOr<Inventory> inventory = TakeInventory(files_, options_);
    if (!inventory.ok()) return inventory.status();
    for (uint64_t sequence = 1; sequence <= inventory->segments; ++sequence) {
      absl::Status status = ReadSegment(sequence);
      if (!status.ok()) return status;
    }
    absl::Status status = RemoveUnfinished(*inventory);
    if (status.ok() && inventory->segments > 0) status = SettleLast();
    if (!status.ok()) return status;
    return Result(inventory->segments);
  }

 private:
  // Takes the segment behind `last_` and makes it the last.
  absl::Status ReadSegment(uint64_t sequence) {
    SegmentContent segment;
    segment.path = SegmentPath(options_, sequence);
    segment.bytes = std::move(last_.bytes);  // for its capacity
    absl::Status status = ReadContent(files_, segment);
    if (status.ok()) status = CheckHeader(sequence, segment);
    if (status.ok()) status = ReplayFrames(sequence, segment);
    if (!status.ok()) return status;
    segment.tail = InspectTail(segment.bytes, sequence, segment.end);
    last_ = std::move(segment);
    return CheckTail();
  }

  // The segment's own header, and what it says about the segment before it.
  absl::Status CheckHeader(uint64_t sequence, const SegmentContent& segment) const {
    const absl::StatusOr<SegmentHeader> header =
        DecodeSegmentHeader(segment.bytes, sequence, options_);
    if (!header.ok()) return At(segment.path, 0, header.status());
    if (sequence > 1) {
      absl::Status status = CheckPrevious(header->previous_end);
      if (!status.ok()) return status;
    }
    if (header->next_index != replay_.next_index()) {
      return At(segment.path, 0,
                absl::DataLossError(absl::StrCat("next index in segment header: want ",
                                                 replay_.next_index().value, ", got ",
                                                 header->next_index.value)));
    }
    return absl::OkStatus();
  }

  // A segment was synced before the next one was made, so nothing in it can be torn.
  absl::Status CheckPrevious(uint64_t want_end) const {
    if (last_.end == want_end && last_.tail.dirty_bytes == 0) return absl::OkStatus();
    return At(last_.path, last_.end,
              absl::DataLossError(absl::StrCat(
                  "want frames up to offset ", want_end, ", as the next segment says, and zeros ",
                  "behind them; got: ", last_.end_reason.message(), ", and ",
                  last_.tail.dirty_bytes, " bytes up to the last that is not zero")));
  }

  absl::Status ReplayFrames(uint64_t sequence, SegmentContent& segment) {
    FrameCursor cursor(segment.bytes, sequence);
    absl::StatusOr<Frame> frame = cursor.Next();  // the header
    segment.end = cursor.offset();
    for (frame = cursor.Next(); frame.ok(); frame = cursor.Next()) {
      absl::Status status = replay_.Apply(*frame);
      if (!status.ok()) return At(segment.path, segment.end, status);
      segment.end = cursor.offset();
    }
    segment.end_reason = frame.status();
    const uint64_t proven = std::max(kSegmentHeaderBytes, cursor.durable_offset());
    segment.durable_offset = std::min(segment.end, proven);
    return absl::OkStatus();
  }

  // Whether what stands behind the frames can be the work of a crash.
  absl::Status CheckTail() const {
    if (!last_.tail.witness.has_value()) return absl::OkStatus();
    return At(last_.path, last_.end,
              absl::DataLossError(absl::StrCat(last_.end_reason.message(), "; the frame at offset ",
                                               *last_.tail.witness,
                                               " shows that an intact one was synced here")));
  }

  absl::Status RemoveUnfinished(const Inventory& inventory) {
    for (const std::string& path : inventory.unfinished) {
      absl::Status status = files_.Remove(path);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Makes the end of the log what it was read as, for good. Whatever is not known to be synced is
  // written once more: after a failed sync the system may show data that is not on the disk and
  // that no later sync would write (CockroachDB #37102).
  absl::Status SettleLast() {
    const uint64_t size = last_.bytes.size();
    const uint64_t used = last_.end + last_.tail.dirty_bytes;
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

  WalRecovery Result(uint64_t sequence) {
    WalRecovery result{.log = replay_.TakeLog(), .sequence = sequence};
    if (sequence == 0) return result;
    result.file = std::move(last_.file);
    result.end = last_.end;
    result.log.torn_bytes = last_.tail.dirty_bytes;
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
  SegmentContent last_;
};

}  // namespace

absl::StatusOr<WalRecovery> RecoverWal(FileSystem& files, memory::BufferPool& payloads,
                                       const WalOptions& options) {
  return Recoverer(files, payloads, options).Run();
}

}  // namespace blixard::raft
