// A snapshot's file:
//
//   header    0  u32 checksum of the rest of the header (CRC32C)     24  u64 cluster
//             4  u32 length of the header                            32  u64 term of the last entry
//             8  "BLXSNAP\0"                                         40  u64 index of the last
//             entry
//            16  u32 format version, 1                               48  u32 length of the
//            configuration 20  u32 chunk size                                      52  u32 zero
//                                                                    56  the configuration, encoded
//   chunks    0  u32 checksum of what follows      each of the chunk size but the last, one behind
//             4  u32 length of the data            the other, so that any offset is found directly
//             8  u64 offset in the stream
//            16  the data
//   footer    0  u32 checksum of what follows       8  u64 length of the stream
//             4  u32 0xffffffff                    16  u32 checksum of the stream
//                                                  20  u32 zero
//                                                  24  u64 length of the file
//
// Little-endian. The checksums of chunks and footer are seeded with the header's: what another
// snapshot's file left on the same sectors does not pass. Nothing in it tells which replica wrote
// it.
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_FORMAT_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"

namespace blixard::raft {

inline constexpr size_t kSnapshotPrefixBytes = 56;  // of a header, before the configuration
inline constexpr size_t kMaxSnapshotHeaderBytes =
    kSnapshotPrefixBytes + kMaxEncodedConfigurationBytes;
inline constexpr size_t kChunkHeaderBytes = 16;
inline constexpr size_t kSnapshotFooterBytes = 32;
inline constexpr uint32_t kMinSnapshotChunkBytes = 64;
inline constexpr uint32_t kMaxSnapshotChunkBytes = uint32_t{1} << 19;

struct SnapshotHeader {
  ClusterId cluster{0};
  SnapshotMeta meta;
  uint32_t chunk_bytes = 0;

  bool operator==(const SnapshotHeader&) const = default;
};

// The header's bytes and the seed for what follows it.
struct EncodedSnapshotHeader {
  std::string bytes;
  uint32_t seed = 0;
};
EncodedSnapshotHeader EncodeSnapshotHeader(const SnapshotHeader& header);

struct DecodedSnapshotHeader {
  SnapshotHeader header;
  size_t bytes = 0;
  uint32_t seed = 0;
};
// `front` holds the first kMaxSnapshotHeaderBytes of the file, or all of it. kDataLoss saying what
// was expected and what is there; kUnimplemented for another format version.
absl::StatusOr<DecodedSnapshotHeader> DecodeSnapshotHeader(absl::string_view front);

// Writes kChunkHeaderBytes at `to`, for data of which `offset` bytes of the stream come before.
void EncodeChunkHeader(uint32_t seed, uint64_t offset, absl::string_view data, char* to);
// `chunk` is header and data. kDataLoss unless it is the chunk of that offset and just as long.
absl::Status CheckChunk(uint32_t seed, uint64_t offset, absl::string_view chunk);

struct SnapshotFooter {
  uint64_t stream_bytes = 0;
  uint32_t stream_crc32c = 0;
  uint64_t file_bytes = 0;

  bool operator==(const SnapshotFooter&) const = default;
};
std::string EncodeSnapshotFooter(uint32_t seed, const SnapshotFooter& footer);
absl::StatusOr<SnapshotFooter> DecodeSnapshotFooter(uint32_t seed, absl::string_view bytes);

// Length of the file for a stream.
uint64_t SnapshotFileBytes(size_t header_bytes, uint32_t chunk_bytes, uint64_t stream_bytes);

// Names in the directory: index and term of the last entry in hexadecimal, so that they sort by
// age.
std::string SnapshotFileName(const EntryId& last);
std::optional<EntryId> ParseSnapshotFileName(absl::string_view name);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_FORMAT_H_
