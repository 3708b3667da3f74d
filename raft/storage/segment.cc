#include "raft/storage/segment.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
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
constexpr absl::string_view kFreeSuffix = ".free";
constexpr absl::string_view kUnfinishedSuffix = ".unfinished";
constexpr size_t kDigits = 16;

// Offsets in the payload of the header frame.
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 8;
constexpr size_t kOriginAt = 12;
constexpr size_t kClusterAt = 16;
constexpr size_t kReplicaAt = 24;
constexpr size_t kBaseAt = 32;
constexpr size_t kLastAt = 48;
constexpr size_t kHardStateAt = 64;
constexpr size_t kPreviousEndAt = 88;

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

// The number in front of `suffix`, if that is all of the name.
std::optional<uint64_t> ParseNumbered(absl::string_view name, absl::string_view suffix) {
  uint64_t number = 0;
  if (name.size() != kDigits + suffix.size() || !absl::EndsWith(name, suffix)) return std::nullopt;
  const absl::string_view digits = name.substr(0, kDigits);
  if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) return std::nullopt;
  if (!absl::SimpleAtoi(digits, &number) || number == 0) return std::nullopt;
  return number;
}

void StoreEntryId(EntryId id, char* to) {
  StoreLittleEndian(id.term.value, to);
  StoreLittleEndian(id.index.value, to + 8);
}

EntryId LoadEntryId(const char* from) {
  return {.term = {LoadLittleEndian<uint64_t>(from)},
          .index = {LoadLittleEndian<uint64_t>(from + 8)}};
}

// Intact, and yet nothing that this version can have written.
absl::Status CheckMeaning(const SegmentHeader& header) {
  if (static_cast<uint32_t>(header.origin) > static_cast<uint32_t>(SegmentOrigin::kRecycled)) {
    return absl::FailedPreconditionError(
        absl::StrCat("origin of segment: want one that this version knows, got ",
                     static_cast<uint32_t>(header.origin)));
  }
  const EntryId& base = header.base;
  const EntryId& last = header.last;
  const LogIndex commit = header.hard_state.commit;
  if (base.index > commit || commit > last.index) {
    return absl::DataLossError(
        absl::StrCat("segment header: want base <= commit <= last index, got ", base.index.value,
                     ", ", commit.value, ", ", last.index.value));
  }
  if (base.term > last.term || (base.index == last.index && base.term != last.term)) {
    return absl::DataLossError(absl::StrCat("segment header: want terms of base and last that can ",
                                            "follow each other, got ", base.term.value, " and ",
                                            last.term.value));
  }
  return absl::OkStatus();
}

}  // namespace

std::string SegmentName(uint64_t sequence) { return absl::StrFormat("%016d.wal", sequence); }

std::optional<uint64_t> ParseSegmentName(absl::string_view name) {
  return ParseNumbered(name, kSuffix);
}

std::string FreeSegmentName(uint64_t number) {
  return absl::StrFormat("%016d%s", number, kFreeSuffix);
}

std::optional<uint64_t> ParseFreeSegmentName(absl::string_view name) {
  return ParseNumbered(name, kFreeSuffix);
}

std::string UnfinishedSegmentName(uint64_t number) {
  return absl::StrFormat("%016d%s", number, kUnfinishedSuffix);
}

bool IsUnfinishedSegmentName(absl::string_view name) {
  return ParseNumbered(name, kUnfinishedSuffix).has_value();
}

std::string SegmentPath(const WalOptions& options, uint64_t sequence) {
  return absl::StrCat(options.directory, "/", SegmentName(sequence));
}

void EncodeSegmentHeader(const SegmentHeader& header, char* to) {
  std::array<char, kSegmentHeaderPayloadBytes> payload;
  StoreLittleEndian(kMagic, payload.data() + kMagicAt);
  StoreLittleEndian(kWalFormatVersion, payload.data() + kVersionAt);
  StoreLittleEndian(static_cast<uint32_t>(header.origin), payload.data() + kOriginAt);
  StoreLittleEndian(static_cast<uint64_t>(header.cluster), payload.data() + kClusterAt);
  StoreLittleEndian(static_cast<uint64_t>(header.replica), payload.data() + kReplicaAt);
  StoreEntryId(header.base, payload.data() + kBaseAt);
  StoreEntryId(header.last, payload.data() + kLastAt);
  StoreHardState(header.hard_state, payload.data() + kHardStateAt);
  StoreLittleEndian(header.previous_end, payload.data() + kPreviousEndAt);
  const absl::string_view view(payload.data(), payload.size());
  EncodeFrame({.payload_crc32c = PayloadCrc32c(view),
               .type = FrameType::kSegmentHeader,
               .sequence = header.sequence},
              view, to);
}

absl::StatusOr<SegmentHeader> DecodeSegmentHeader(absl::string_view bytes, uint64_t sequence) {
  const absl::StatusOr<Frame> frame = DecodeFrame(bytes, {.sequence = sequence});
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
      .origin = SegmentOrigin{LoadLittleEndian<uint32_t>(payload + kOriginAt)},
      .base = LoadEntryId(payload + kBaseAt),
      .last = LoadEntryId(payload + kLastAt),
      .hard_state = LoadHardState(payload + kHardStateAt),
      .previous_end = LoadLittleEndian<uint64_t>(payload + kPreviousEndAt)};
  status = CheckMeaning(header);
  if (!status.ok()) return status;
  return header;
}

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
