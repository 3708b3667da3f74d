#include "raft/storage/wal_frame.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "raft/core/checksum.h"
#include "raft/core/mutation.h"
#include "raft/storage/little_endian.h"

namespace blixard::raft {
namespace {

// Offsets of the layout in wal_frame.h.
constexpr size_t kChecksumAt = 0;
constexpr size_t kPayloadBytesAt = 4;
constexpr size_t kPayloadChecksumAt = 8;
constexpr size_t kTypeAt = 12;
constexpr size_t kEntryTypeAt = 13;
constexpr size_t kZeroAt = 14;
constexpr size_t kSequenceAt = 16;
constexpr size_t kDurableOffsetAt = 24;
constexpr size_t kTermAt = 32;
constexpr size_t kIndexAt = 40;

uint32_t HeaderChecksum(const char* header, uint64_t offset) {
  const absl::string_view covered(header + kPayloadBytesAt, kFrameHeaderBytes - kPayloadBytesAt);
  return PayloadCrc32c(covered) ^ static_cast<uint32_t>(offset);
}

FrameHeader LoadHeader(const char* from, uint64_t offset) {
  return {.payload_bytes = LoadLittleEndian<uint32_t>(from + kPayloadBytesAt),
          .payload_crc32c = LoadLittleEndian<uint32_t>(from + kPayloadChecksumAt),
          .type = FrameType{LoadLittleEndian<uint8_t>(from + kTypeAt)},
          .entry_type = LoadLittleEndian<uint8_t>(from + kEntryTypeAt),
          .sequence = LoadLittleEndian<uint64_t>(from + kSequenceAt),
          .offset = offset,
          .durable_offset = LoadLittleEndian<uint64_t>(from + kDurableOffsetAt),
          .term = {LoadLittleEndian<uint64_t>(from + kTermAt)},
          .index = {LoadLittleEndian<uint64_t>(from + kIndexAt)}};
}

// Why DecodeFrame found none.
absl::Status HeaderDamage(const char* header, FrameSpot spot) {
  const bool zeros =
      std::all_of(header, header + kFrameHeaderBytes, [](char byte) { return byte == 0; });
  if (zeros) return absl::DataLossError("want a frame, got zeros");
  const uint32_t want = HeaderChecksum(header, spot.offset);
  const uint32_t got = LoadLittleEndian<uint32_t>(header + kChecksumAt);
  if (got != want) {
    return absl::DataLossError(
        absl::StrFormat("frame checksum: want %08x for these bytes at offset %d, got %08x", want,
                        spot.offset, got));
  }
  return absl::DataLossError(absl::StrCat("segment sequence of frame: want ", spot.sequence,
                                          ", got ", LoadHeader(header, spot.offset).sequence));
}

// From a spot to the end of the segment, whose file may have been cut short before it.
size_t BytesFrom(absl::string_view segment, FrameSpot spot) {
  return segment.size() - std::min<size_t>(spot.offset, segment.size());
}

// `header` lacks only what the payload decides.
void EncodeWithHardState(FrameHeader header, const HardState& state, char* to) {
  std::array<char, kHardStatePayloadBytes> bytes;
  StoreHardState(state, bytes.data());
  const absl::string_view payload(bytes.data(), bytes.size());
  header.payload_crc32c = PayloadCrc32c(payload);
  EncodeFrame(header, payload, to);
}

}  // namespace

void EncodeFrame(const FrameHeader& header, absl::string_view payload, char* to) {
  CHECK_LE(payload.size(), UINT32_MAX);
  CHECK_LE(header.offset, UINT32_MAX);
  StoreLittleEndian(static_cast<uint32_t>(payload.size()), to + kPayloadBytesAt);
  StoreLittleEndian(header.payload_crc32c, to + kPayloadChecksumAt);
  StoreLittleEndian(static_cast<uint8_t>(header.type), to + kTypeAt);
  StoreLittleEndian(header.entry_type, to + kEntryTypeAt);
  StoreLittleEndian(uint16_t{0}, to + kZeroAt);
  StoreLittleEndian(header.sequence, to + kSequenceAt);
  StoreLittleEndian(header.durable_offset, to + kDurableOffsetAt);
  StoreLittleEndian(header.term.value, to + kTermAt);
  StoreLittleEndian(header.index.value, to + kIndexAt);
  StoreLittleEndian(HeaderChecksum(to, header.offset), to + kChecksumAt);
  const size_t used = kFrameHeaderBytes + payload.size();
  if (!payload.empty()) std::memcpy(to + kFrameHeaderBytes, payload.data(), payload.size());
  std::memset(to + used, 0, FrameBytes(payload.size()) - used);
}

std::optional<FrameHeader> FindFrameHeader(absl::string_view segment, FrameSpot spot) {
  if (BytesFrom(segment, spot) < kFrameHeaderBytes) return std::nullopt;
  const char* const header = segment.data() + spot.offset;
  // The cheap comparison first: the search for frames behind damage asks at every 8th byte.
  const bool is_of_segment = LoadLittleEndian<uint64_t>(header + kSequenceAt) == spot.sequence;
  if (!is_of_segment && !Mutated(Mutation::kS18TakesStaleFrames)) return std::nullopt;
  const uint32_t checksum = LoadLittleEndian<uint32_t>(header + kChecksumAt);
  if (checksum != HeaderChecksum(header, spot.offset)) return std::nullopt;
  return LoadHeader(header, spot.offset);
}

absl::StatusOr<Frame> DecodeFrame(absl::string_view segment, FrameSpot spot) {
  if (BytesFrom(segment, spot) < kFrameHeaderBytes) {
    return absl::DataLossError(absl::StrCat("want a frame header of ", kFrameHeaderBytes,
                                            " bytes, got end of file after ",
                                            BytesFrom(segment, spot)));
  }
  const std::optional<FrameHeader> header = FindFrameHeader(segment, spot);
  if (!header.has_value()) return HeaderDamage(segment.data() + spot.offset, spot);
  const absl::string_view bytes = segment.substr(spot.offset + kFrameHeaderBytes);
  if (header->payload_bytes > bytes.size()) {
    return absl::DataLossError(absl::StrCat("want a payload of ", header->payload_bytes,
                                            " bytes, got end of file after ", bytes.size()));
  }
  const absl::string_view payload = bytes.substr(0, header->payload_bytes);
  const uint32_t got = PayloadCrc32c(payload);
  if (got != header->payload_crc32c) {
    return absl::DataLossError(
        absl::StrFormat("payload checksum: want %08x, got %08x", header->payload_crc32c, got));
  }
  return Frame{.header = *header, .payload = payload};
}

void StoreHardState(const HardState& state, char* to) {
  StoreLittleEndian(state.term.value, to);
  StoreLittleEndian(static_cast<uint64_t>(state.vote), to + 8);
  StoreLittleEndian(state.commit.value, to + 16);
}

HardState LoadHardState(const char* from) {
  return {.term = {LoadLittleEndian<uint64_t>(from)},
          .vote = ReplicaId{LoadLittleEndian<uint64_t>(from + 8)},
          .commit = {LoadLittleEndian<uint64_t>(from + 16)}};
}

void EncodeHardStateFrame(const HardState& state, FramePlace place, char* to) {
  EncodeWithHardState({.type = FrameType::kHardState,
                       .sequence = place.sequence,
                       .offset = place.offset,
                       .durable_offset = place.durable_offset},
                      state, to);
}

absl::StatusOr<HardState> DecodeHardState(absl::string_view payload) {
  if (payload.size() != kHardStatePayloadBytes) {
    return absl::DataLossError(
        absl::StrCat("hard state: want ", kHardStatePayloadBytes, " bytes, got ", payload.size()));
  }
  return LoadHardState(payload.data());
}

void EncodeBaseFrame(EntryId base, FramePlace place, char* to) {
  EncodeFrame({.type = FrameType::kBase,
               .sequence = place.sequence,
               .offset = place.offset,
               .durable_offset = place.durable_offset,
               .term = base.term,
               .index = base.index},
              absl::string_view(), to);
}

void EncodeSnapshotFrame(EntryId last, const HardState& state, FramePlace place, char* to) {
  EncodeWithHardState({.type = FrameType::kSnapshot,
                       .sequence = place.sequence,
                       .offset = place.offset,
                       .durable_offset = place.durable_offset,
                       .term = last.term,
                       .index = last.index},
                      state, to);
}

}  // namespace blixard::raft
