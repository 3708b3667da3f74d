// Reads one snapshot of a SnapshotStore; every byte it hands out was verified.
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_READER_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/snapshot_meta.h"
#include "raft/storage/file.h"
#include "raft/storage/snapshot_format.h"

namespace blixard::raft {

// Stays good when the store removes the snapshot meanwhile. Holds one chunk. Used by one thread at
// a time. Errors: kDataLoss saying where the file is damaged; the disk's.
class SnapshotReader {
 public:
  // Verifies the header, the footer and that the file is as long as they say.
  static absl::StatusOr<std::unique_ptr<SnapshotReader>> Open(std::unique_ptr<File> file);

  const SnapshotMeta& meta() const { return header_.meta; }
  ClusterId cluster() const { return header_.cluster; }
  uint64_t stream_bytes() const { return footer_.stream_bytes; }
  uint32_t stream_crc32c() const { return footer_.stream_crc32c; }

  // Fills `into` from `offset` of the stream on; fewer bytes only at the end of the stream.
  absl::StatusOr<size_t> ReadAt(uint64_t offset, absl::Span<char> into);

  // The next bytes; 0 at the end, and then the stream's own checksum was verified as well.
  absl::StatusOr<size_t> Read(absl::Span<char> into);

  // Reads all of it. Where Read() stands does not change.
  absl::Status Verify();

 private:
  SnapshotReader(std::unique_ptr<File> file, const DecodedSnapshotHeader& header,
                 const SnapshotFooter& footer);

  absl::Status LoadChunk(uint64_t number);
  absl::Status CheckStream(uint32_t crc32c) const;

  std::unique_ptr<File> file_;
  const SnapshotHeader header_;
  const uint64_t header_bytes_;
  const uint32_t seed_;
  const SnapshotFooter footer_;
  memory::Buffer chunk_;       // header and data; empty = none
  uint64_t chunk_number_ = 0;  // of chunk_
  uint64_t position_ = 0;      // of Read
  uint32_t read_crc32c_ = 0;   // of what Read gave
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_READER_H_
