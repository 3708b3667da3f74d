#include "raft/storage/wal_inspection.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "raft/storage/segment_list.h"
#include "raft/storage/wal_options.h"
#include "raft/storage/wal_reader.h"

namespace blixard::raft {
namespace {

using FrameCallback = std::function<void(const InspectedFrame&)>;

// Fills in what the reader tells.
class Recorder final : public WalObserver {
 public:
  Recorder(InspectedWal& wal, const FrameCallback& on_frame) : wal_(wal), on_frame_(on_frame) {}

  void OnFrame(const SegmentContent& segment, const Frame& frame) override {
    ++current_.frames;
    if (frame.header.type == FrameType::kEntry) CountEntry(frame.header.index);
    if (!on_frame_) return;
    InspectedFrame inspected = {.path = segment.path,
                                .offset = segment.end,
                                .header = frame.header,
                                .hard_state = {},
                                .payload = frame.payload};
    const absl::StatusOr<HardState> state = DecodeHardState(frame.payload);
    const bool holds_state =
        frame.header.type == FrameType::kHardState || frame.header.type == FrameType::kSnapshot;
    if (holds_state && state.ok()) inspected.hard_state = *state;
    on_frame_(inspected);
  }

  void OnSegment(const SegmentContent& segment) override {
    current_.path = segment.path;
    current_.header = segment.header;
    current_.size_bytes = segment.bytes.size();
    current_.end = segment.end;
    current_.torn_bytes = segment.torn_bytes();
    wal_.segments.push_back(std::move(current_));
    current_ = InspectedSegment();
  }

 private:
  void CountEntry(LogIndex index) {
    current_.first = current_.entries == 0 ? index : std::min(current_.first, index);
    current_.last = std::max(current_.last, index);
    ++current_.entries;
  }

  InspectedWal& wal_;
  const FrameCallback& on_frame_;
  InspectedSegment current_;
};

// Whose log it is, as its first segment says.
absl::Status ReadOwner(FileSystem& files, uint64_t sequence, WalOptions& options) {
  const std::string path = SegmentPath(options, sequence);
  const absl::StatusOr<std::unique_ptr<File>> file = files.Open(path, OpenMode::kReadOnly);
  if (!file.ok()) return file.status();
  std::array<char, 2 * kSegmentHeaderBytes> bytes;
  const absl::StatusOr<size_t> got = (*file)->Read(0, absl::MakeSpan(bytes));
  if (!got.ok()) return got.status();
  const absl::StatusOr<SegmentHeader> header = DecodeSegmentHeader({bytes.data(), *got}, sequence);
  if (!header.ok()) return WalReader::At(path, 0, header.status());
  options.cluster = header->cluster;
  options.replica = header->replica;
  return absl::OkStatus();
}

void SortNames(const std::vector<std::string>& names, const SegmentList& list, InspectedWal& wal) {
  for (const std::string& name : names) {
    if (ParseFreeSegmentName(name).has_value()) wal.free_segments.push_back(name);
    if (IsUnfinishedSegmentName(name)) wal.unfinished.push_back(name);
  }
  for (const uint64_t sequence : list.leftover) wal.leftover.push_back(SegmentName(sequence));
}

absl::Status ReadAll(FileSystem& files, memory::BufferPool& payloads, const SegmentList& list,
                     const FrameCallback& on_frame, InspectedWal& wal) {
  WalOptions options = {.directory = wal.directory};
  absl::Status status = ReadOwner(files, list.first, options);
  if (!status.ok()) return status;
  wal.cluster = options.cluster;
  wal.replica = options.replica;
  Recorder recorder(wal, on_frame);
  WalReader reader(files, payloads, options, OpenMode::kReadOnly, &recorder);
  status = reader.Read(list);
  wal.hard_state = reader.replay().hard_state();
  wal.base = reader.replay().base();
  wal.last = reader.replay().last();
  const SegmentContent& last = reader.last();
  if (status.ok() && last.torn_bytes() > 0) {
    wal.torn_note =
        absl::StrCat(last.path, ": offset ", last.end, ": ", last.torn_bytes(),
                     " bytes of a write that was not completed (", last.end_reason.message(), ")");
  }
  return status;
}

bool IsDamage(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsFailedPrecondition(status);
}

absl::StatusOr<InspectedWal> InspectOnce(FileSystem& files, memory::BufferPool& payloads,
                                         const std::string& directory,
                                         const FrameCallback& on_frame) {
  const absl::StatusOr<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  const SegmentList list = ListSegments(*names);
  if (list.last == 0) {
    return absl::NotFoundError(absl::StrCat(
        directory, ": want the directory of a write-ahead log, got one without segments (",
        SegmentName(1), " and on)"));
  }
  InspectedWal wal;
  wal.directory = directory;
  SortNames(*names, list, wal);
  absl::Status status = ReadAll(files, payloads, list, on_frame, wal);
  if (!status.ok() && !IsDamage(status)) return status;
  wal.damage = std::move(status);
  return wal;
}

}  // namespace

absl::StatusOr<InspectedWal> InspectWal(
    FileSystem& files, memory::BufferPool& payloads, const std::string& directory,
    const std::function<void(const InspectedFrame&)>& on_frame) {
  constexpr int kAttempts = 5;
  // Without telling: a look that is begun anew must not tell twice.
  absl::StatusOr<InspectedWal> wal = InspectOnce(files, payloads, directory, nullptr);
  for (int i = 1; i < kAttempts && !(wal.ok() && wal->sound()); ++i) {
    wal = InspectOnce(files, payloads, directory, nullptr);
  }
  if (!wal.ok() || !on_frame) return wal;
  return InspectOnce(files, payloads, directory, on_frame);
}

}  // namespace blixard::raft
