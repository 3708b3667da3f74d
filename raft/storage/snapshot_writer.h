// Writes one snapshot of a SnapshotStore: bytes are taken into chunks in memory and go to the disk
// in the portions that the owner grants, so that the log's syncs are not starved (consul #9623).
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_WRITER_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/snapshot_meta.h"
#include "raft/storage/file.h"
#include "raft/storage/snapshot_format.h"

namespace blixard::raft {

struct SnapshotWriterOptions {
  // kMinSnapshotChunkBytes to kMaxSnapshotChunkBytes; with its header 64 KiB unless told otherwise.
  uint32_t chunk_bytes = (64u << 10) - kChunkHeaderBytes;
  size_t max_pending_bytes = 4u << 20;  // taken and not yet written; at least one chunk
  size_t sync_every_bytes = 1u << 20;   // how much may wait in the system's cache
  // What snapshots leave free on their disk, for a log that stands on the same one. Less than the
  // log's own reserve, or a disk that the log has filled could not be freed by a snapshot.
  uint64_t reserve_bytes = 0;
};

// Made by SnapshotStore::Create; the store must outlive it. Used by one thread at a time. Errors:
// kResourceExhausted when the disk is full, or has only reserve_bytes left: nothing is lost, the
// call may be repeated when there is room; any other error of the disk stays, in the store too: the
// owner stops. A writer destroyed before Commit removes its file.
class SnapshotWriter {
 public:
  // What becomes of the file.
  struct Place {
    std::function<absl::Status()> adopt;                       // it is whole and synced
    std::function<void(const absl::Status& failure)> abandon;  // remove it; OK: no disk failed
    std::function<uint64_t()> free_bytes;                      // room on the disk
  };

  SnapshotWriter(std::unique_ptr<File> file, const SnapshotHeader& header, Place place,
                 const SnapshotWriterOptions& options);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  const SnapshotMeta& meta() const { return meta_; }

  // Takes all of `bytes` or nothing, without touching the disk. kResourceExhausted when more than
  // max_pending_bytes would wait: WriteSome comes first.
  absl::Status Write(absl::string_view bytes);

  // Writes at most `max_bytes` of what waits in full chunks, and syncs now and then. Returns how
  // many were written; fewer than `max_bytes` when nothing more waits.
  absl::StatusOr<size_t> WriteSome(size_t max_bytes);

  // Writes what still waits, syncs, and makes the file one of the store's snapshots. After OK the
  // snapshot survives a power failure.
  absl::Status Commit();

  uint64_t stream_bytes() const { return stream_bytes_; }    // taken so far
  uint32_t stream_crc32c() const { return stream_crc32c_; }  // of these
  // Waiting in full chunks for WriteSome, with what surrounds them in the file.
  size_t pending_bytes() const { return pending_bytes_; }
  // Taken, and not waiting in a full chunk.
  uint64_t settled_bytes() const { return stream_bytes_ - (sealed_bytes_ - written_bytes_); }

 private:
  memory::Buffer NewChunk() const;
  void Seal();  // the open chunk is full, or the last
  absl::Status WriteFront(size_t bytes);
  absl::Status CheckRoom(size_t bytes) const;
  absl::Status Sync();
  absl::Status Finish();
  absl::Status Keep(absl::Status status);

  const SnapshotMeta meta_;
  const SnapshotWriterOptions options_;
  Place place_;
  std::unique_ptr<File> file_;
  uint32_t seed_ = 0;
  uint64_t header_bytes_ = 0;

  memory::Buffer open_;                // header and data of the chunk being filled
  std::deque<memory::Buffer> sealed_;  // the file's header, then full chunks
  size_t front_written_ = 0;           // of sealed_.front()
  size_t pending_bytes_ = 0;           // of sealed_
  uint64_t file_offset_ = 0;
  uint64_t unsynced_bytes_ = 0;

  // Of the stream: all of it, what is in chunks that were sealed, and in those that are written.
  uint64_t stream_bytes_ = 0;
  uint64_t sealed_bytes_ = 0;
  uint64_t written_bytes_ = 0;
  uint32_t stream_crc32c_ = 0;

  absl::Status status_;
  bool footer_queued_ = false;
  bool committed_ = false;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_WRITER_H_
