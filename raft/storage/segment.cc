#include "raft/storage/segment.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"

namespace blixard::raft {
namespace {

constexpr uint64_t kMagic = 0x4c41572d58494c42;  // "BLIX-WAL" on disk
constexpr absl::string_view kSuffix = ".wal";
constexpr absl::string_view kUnfinishedSuffix = ".wal.unfinished";
constexpr size_t kDigits = 16;

// Offsets in the payload of the header frame; bytes 12..15 are zero.
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 8;
constexpr size_t kClusterAt = 16;
constexpr size_t kReplicaAt = 24;
constexpr size_t kNextIndexAt = 32;
constexpr size_t kPreviousEndAt = 40;

// What identifies the log must match before anything else in it is believed.
absl::Status CheckOwner(const SegmentHeader& header, const WalOptions& options) {
  if (header.cluster != options.cluster) {
    return absl::FailedPreconditionError(
        absl::StrCat("cluster id: want ", static_cast<uint64_t>(options.cluster), ", got ",
                     static_cast<uint64_t>(header.cluster)));
  }
  if (header.replica != options.replica) {
    return absl::FailedPreconditionError(
        absl::StrCat("replica id: want ", static_cast<uint64_t>(options.replica), ", got ",
                     static_cast<uint64_t>(header.replica)));
  }
  return absl::OkStatus();
}

absl::Status CheckFormat(const Frame& frame) {
  const char* payload = frame.payload.data();
  if (frame.header.type != FrameType::kSegmentHeader || frame.payload.size() < kClusterAt ||
      LoadLittleEndian<uint64_t>(payload + kMagicAt) != kMagic) {
    return absl::DataLossError("want a segment header, got another frame");
  }
  const uint32_t version = LoadLittleEndian<uint32_t>(payload + kVersionAt);
  if (version != kWalFormatVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("format version: want ", kWalFormatVersion, ", got ", version));
  }
  if (frame.payload.size() != kSegmentHeaderPayloadBytes) {
    return absl::DataLossError(absl::StrCat("segment header: want ", kSegmentHeaderPayloadBytes,
                                            " bytes, got ", frame.payload.size()));
  }
  return absl::OkStatus();
}

// Header and hard state as they stand at the start of a segment.
struct Prelude {
  std::array<char, kSegmentPreludeBytes> bytes;
  size_t size = kSegmentHeaderBytes;
};

Prelude EncodePrelude(const SegmentHeader& header, const std::optional<HardState>& hard_state) {
  Prelude prelude;
  EncodeSegmentHeader(header, prelude.bytes.data());
  if (!hard_state.has_value()) return prelude;
  EncodeHardStateFrame(*hard_state, {.sequence = header.sequence},
                       prelude.bytes.data() + kSegmentHeaderBytes);
  prelude.size = kSegmentPreludeBytes;
  return prelude;
}

// Fills the file and makes its content durable.
absl::Status FillSegment(File& file, uint64_t segment_bytes, absl::string_view prelude) {
  absl::Status status = file.Allocate(segment_bytes);
  if (status.ok()) status = WriteZeros(file, prelude.size(), segment_bytes);
  if (status.ok()) status = file.Write(0, prelude);
  if (status.ok()) status = file.SyncData();
  return status;
}

}  // namespace

std::string SegmentName(uint64_t sequence) { return absl::StrFormat("%016d.wal", sequence); }

std::optional<uint64_t> ParseSegmentName(absl::string_view name) {
  uint64_t sequence = 0;
  if (name.size() != kDigits + kSuffix.size()) return std::nullopt;
  if (!absl::SimpleAtoi(name.substr(0, kDigits), &sequence)) return std::nullopt;
  if (sequence == 0 || name != SegmentName(sequence)) return std::nullopt;
  return sequence;
}

std::string UnfinishedSegmentName(uint64_t sequence) {
  return absl::StrFormat("%016d%s", sequence, kUnfinishedSuffix);
}

bool IsUnfinishedSegmentName(absl::string_view name) {
  return name.size() == kDigits + kUnfinishedSuffix.size() &&
         absl::EndsWith(name, kUnfinishedSuffix);
}

std::string SegmentPath(const WalOptions& options, uint64_t sequence) {
  return absl::StrCat(options.directory, "/", SegmentName(sequence));
}

void EncodeSegmentHeader(const SegmentHeader& header, char* to) {
  std::array<char, kSegmentHeaderPayloadBytes> payload = {};
  StoreLittleEndian(kMagic, payload.data() + kMagicAt);
  StoreLittleEndian(kWalFormatVersion, payload.data() + kVersionAt);
  StoreLittleEndian(static_cast<uint64_t>(header.cluster), payload.data() + kClusterAt);
  StoreLittleEndian(static_cast<uint64_t>(header.replica), payload.data() + kReplicaAt);
  StoreLittleEndian(header.next_index.value, payload.data() + kNextIndexAt);
  StoreLittleEndian(header.previous_end, payload.data() + kPreviousEndAt);
  const absl::string_view view(payload.data(), payload.size());
  EncodeFrame({.payload_crc32c = PayloadCrc32c(view),
               .type = FrameType::kSegmentHeader,
               .sequence = header.sequence},
              view, to);
}

absl::StatusOr<SegmentHeader> DecodeSegmentHeader(absl::string_view bytes, uint64_t sequence,
                                                  const WalOptions& options) {
  const absl::StatusOr<Frame> frame = DecodeFrame(bytes, sequence);
  if (!frame.ok()) {
    return absl::DataLossError(
        absl::StrCat("not a segment of a write-ahead log, or damaged: ", frame.status().message()));
  }
  absl::Status status = CheckFormat(*frame);
  if (!status.ok()) return status;
  const char* payload = frame->payload.data();
  const SegmentHeader header = {
      .cluster = ClusterId{LoadLittleEndian<uint64_t>(payload + kClusterAt)},
      .replica = ReplicaId{LoadLittleEndian<uint64_t>(payload + kReplicaAt)},
      .sequence = sequence,
      .next_index = {LoadLittleEndian<uint64_t>(payload + kNextIndexAt)},
      .previous_end = LoadLittleEndian<uint64_t>(payload + kPreviousEndAt)};
  status = CheckOwner(header, options);
  if (!status.ok()) return status;
  return header;
}

absl::StatusOr<NewSegment> CreateSegment(FileSystem& files, const WalOptions& options,
                                         const SegmentHeader& header,
                                         const std::optional<HardState>& hard_state) {
  const Prelude prelude = EncodePrelude(header, hard_state);
  const RenamePaths paths = {
      .from = absl::StrCat(options.directory, "/", UnfinishedSegmentName(header.sequence)),
      .to = SegmentPath(options, header.sequence)};
  absl::StatusOr<std::unique_ptr<File>> file = files.Open(paths.from, OpenMode::kCreate);
  if (!file.ok()) return file.status();
  absl::Status status =
      FillSegment(**file, options.segment_bytes, {prelude.bytes.data(), prelude.size});
  if (status.ok()) status = files.Rename(paths);
  if (status.ok()) status = files.SyncDirectory(options.directory);
  if (!status.ok()) return status;
  return NewSegment{.file = *std::move(file), .end = prelude.size};
}

absl::Status WriteZeros(File& file, uint64_t begin, uint64_t end) {
  static constexpr size_t kChunkBytes = 64 << 10;
  static constexpr std::array<char, kChunkBytes> kZeros = {};
  while (begin < end) {
    const size_t size = std::min<uint64_t>(kChunkBytes, end - begin);
    absl::Status status = file.Write(begin, {kZeros.data(), size});
    if (!status.ok()) return status;
    begin += size;
  }
  return absl::OkStatus();
}

}  // namespace blixard::raft
