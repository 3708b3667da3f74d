#include "raft/storage/snapshot_format.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"

namespace blixard::raft {
namespace {

constexpr absl::string_view kMagic("BLXSNAP\0", 8);
constexpr uint32_t kFormatVersion = 1;
constexpr uint32_t kFooterMarker = 0xffffffff;
constexpr absl::string_view kNameSuffix = ".snapshot";

absl::Status Mismatch(absl::string_view field, absl::string_view want, uint64_t got) {
  return absl::DataLossError(absl::StrCat(field, ": want ", want, ", got ", got));
}

absl::Status BadChecksum(absl::string_view what, uint32_t want, uint32_t got) {
  return absl::DataLossError(
      absl::StrFormat("%s checksum: want %08x for these bytes, got %08x", what, want, got));
}

bool IsChunkSize(uint32_t bytes) {
  return bytes >= kMinSnapshotChunkBytes && bytes <= kMaxSnapshotChunkBytes;
}

// The header's length, if its checksum is right.
absl::StatusOr<size_t> CheckHeader(absl::string_view front) {
  if (front.size() < kSnapshotPrefixBytes) {
    return Mismatch("snapshot header", "56 bytes at least", front.size());
  }
  const uint32_t length = LoadLittleEndian<uint32_t>(front.data() + 4);
  if (length < kSnapshotPrefixBytes || length > std::min(front.size(), kMaxSnapshotHeaderBytes)) {
    return Mismatch("snapshot header length", "56 to what is there", length);
  }
  const uint32_t want = PayloadCrc32c(front.substr(4, length - 4));
  const uint32_t got = LoadLittleEndian<uint32_t>(front.data());
  if (want != got) return BadChecksum("snapshot header", want, got);
  if (front.substr(8, kMagic.size()) != kMagic) {
    return absl::DataLossError("snapshot header: want \"BLXSNAP\" at byte 8, got other bytes");
  }
  return size_t{length};
}

}  // namespace

EncodedSnapshotHeader EncodeSnapshotHeader(const SnapshotHeader& header) {
  CHECK(IsChunkSize(header.chunk_bytes)) << header.chunk_bytes;
  const std::string configuration = Encode(header.meta.configuration);
  std::string bytes(kSnapshotPrefixBytes, '\0');
  StoreLittleEndian(static_cast<uint32_t>(bytes.size() + configuration.size()), bytes.data() + 4);
  bytes.replace(8, kMagic.size(), kMagic.data(), kMagic.size());
  StoreLittleEndian(kFormatVersion, bytes.data() + 16);
  StoreLittleEndian(header.chunk_bytes, bytes.data() + 20);
  StoreLittleEndian(static_cast<uint64_t>(header.cluster), bytes.data() + 24);
  StoreLittleEndian(header.meta.last.term.value, bytes.data() + 32);
  StoreLittleEndian(header.meta.last.index.value, bytes.data() + 40);
  StoreLittleEndian(static_cast<uint32_t>(configuration.size()), bytes.data() + 48);
  bytes += configuration;
  const uint32_t checksum = PayloadCrc32c(absl::string_view(bytes).substr(4));
  StoreLittleEndian(checksum, bytes.data());
  return {.bytes = std::move(bytes), .seed = checksum};
}

absl::StatusOr<DecodedSnapshotHeader> DecodeSnapshotHeader(absl::string_view front) {
  const absl::StatusOr<size_t> length = CheckHeader(front);
  if (!length.ok()) return length.status();
  const char* from = front.data();
  const uint32_t version = LoadLittleEndian<uint32_t>(from + 16);
  if (version != kFormatVersion) {
    return absl::UnimplementedError(
        absl::StrCat("snapshot format version: want ", kFormatVersion, ", got ", version));
  }
  DecodedSnapshotHeader decoded;
  decoded.bytes = *length;
  decoded.seed = LoadLittleEndian<uint32_t>(from);
  decoded.header.chunk_bytes = LoadLittleEndian<uint32_t>(from + 20);
  if (!IsChunkSize(decoded.header.chunk_bytes)) {
    return Mismatch("chunk size", "64 to 524288", decoded.header.chunk_bytes);
  }
  decoded.header.cluster = ClusterId{LoadLittleEndian<uint64_t>(from + 24)};
  decoded.header.meta.last = {.term = {LoadLittleEndian<uint64_t>(from + 32)},
                              .index = {LoadLittleEndian<uint64_t>(from + 40)}};
  const uint32_t configuration_bytes = LoadLittleEndian<uint32_t>(from + 48);
  if (configuration_bytes != *length - kSnapshotPrefixBytes) {
    return Mismatch("configuration length", "the rest of the header", configuration_bytes);
  }
  const uint32_t zero = LoadLittleEndian<uint32_t>(from + 52);
  if (zero != 0) return Mismatch("snapshot header byte 52", "zero", zero);
  absl::StatusOr<Configuration> configuration =
      DecodeConfiguration(front.substr(kSnapshotPrefixBytes, configuration_bytes));
  if (!configuration.ok()) return configuration.status();
  decoded.header.meta.configuration = *std::move(configuration);
  return decoded;
}

void EncodeChunkHeader(uint32_t seed, uint64_t offset, absl::string_view data, char* to) {
  CHECK_LE(data.size(), kMaxSnapshotChunkBytes);
  StoreLittleEndian(static_cast<uint32_t>(data.size()), to + 4);
  StoreLittleEndian(offset, to + 8);
  const uint32_t header = ExtendCrc32c(seed, {to + 4, kChunkHeaderBytes - 4});
  StoreLittleEndian(ExtendCrc32c(header, data), to);
}

absl::Status CheckChunk(uint32_t seed, uint64_t offset, absl::string_view chunk) {
  if (chunk.size() < kChunkHeaderBytes) {
    return Mismatch("snapshot chunk", "16 bytes at least", chunk.size());
  }
  const uint32_t want = ExtendCrc32c(seed, chunk.substr(4));
  const uint32_t got = LoadLittleEndian<uint32_t>(chunk.data());
  if (want != got) return BadChecksum("snapshot chunk", want, got);
  const uint64_t length = LoadLittleEndian<uint32_t>(chunk.data() + 4);
  if (length != chunk.size() - kChunkHeaderBytes) {
    return Mismatch("chunk length", absl::StrCat(chunk.size() - kChunkHeaderBytes), length);
  }
  const uint64_t place = LoadLittleEndian<uint64_t>(chunk.data() + 8);
  if (place != offset) return Mismatch("chunk offset", absl::StrCat(offset), place);
  return absl::OkStatus();
}

std::string EncodeSnapshotFooter(uint32_t seed, const SnapshotFooter& footer) {
  std::string bytes(kSnapshotFooterBytes, '\0');
  StoreLittleEndian(kFooterMarker, bytes.data() + 4);
  StoreLittleEndian(footer.stream_bytes, bytes.data() + 8);
  StoreLittleEndian(footer.stream_crc32c, bytes.data() + 16);
  StoreLittleEndian(footer.file_bytes, bytes.data() + 24);
  StoreLittleEndian(ExtendCrc32c(seed, absl::string_view(bytes).substr(4)), bytes.data());
  return bytes;
}

absl::StatusOr<SnapshotFooter> DecodeSnapshotFooter(uint32_t seed, absl::string_view bytes) {
  if (bytes.size() != kSnapshotFooterBytes) {
    return Mismatch("snapshot footer", "32 bytes", bytes.size());
  }
  const uint32_t want = ExtendCrc32c(seed, bytes.substr(4));
  const uint32_t got = LoadLittleEndian<uint32_t>(bytes.data());
  if (want != got) return BadChecksum("snapshot footer", want, got);
  const uint32_t marker = LoadLittleEndian<uint32_t>(bytes.data() + 4);
  if (marker != kFooterMarker) return Mismatch("footer marker", "4294967295", marker);
  const uint32_t zero = LoadLittleEndian<uint32_t>(bytes.data() + 20);
  if (zero != 0) return Mismatch("footer byte 20", "zero", zero);
  return SnapshotFooter{.stream_bytes = LoadLittleEndian<uint64_t>(bytes.data() + 8),
                        .stream_crc32c = LoadLittleEndian<uint32_t>(bytes.data() + 16),
                        .file_bytes = LoadLittleEndian<uint64_t>(bytes.data() + 24)};
}

uint64_t SnapshotFileBytes(size_t header_bytes, uint32_t chunk_bytes, uint64_t stream_bytes) {
  const uint64_t chunks = stream_bytes / chunk_bytes + (stream_bytes % chunk_bytes == 0 ? 0 : 1);
  return header_bytes + chunks * kChunkHeaderBytes + stream_bytes + kSnapshotFooterBytes;
}

std::string SnapshotFileName(const EntryId& last) {
  return absl::StrFormat("%016x-%016x%s", last.index.value, last.term.value, kNameSuffix);
}

std::optional<EntryId> ParseSnapshotFileName(absl::string_view name) {
  constexpr size_t kDigits = 16;
  EntryId last;
  if (name.size() != 2 * kDigits + 1 + kNameSuffix.size()) return std::nullopt;
  if (!absl::SimpleHexAtoi(name.substr(0, kDigits), &last.index.value)) return std::nullopt;
  if (!absl::SimpleHexAtoi(name.substr(kDigits + 1, kDigits), &last.term.value)) {
    return std::nullopt;
  }
  if (SnapshotFileName(last) != name) return std::nullopt;
  return last;
}

}  // namespace blixard::raft
