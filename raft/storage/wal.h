// Write-ahead log: entries and hard state in one stream of checksummed frames, over files of one
// fixed size (segments).
#ifndef BLIXARD_RAFT_STORAGE_WAL_H_
#define BLIXARD_RAFT_STORAGE_WAL_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/retained_segments.h"
#include "raft/storage/segment.h"
#include "raft/storage/segment_supply.h"
#include "raft/storage/wal_frame.h"
#include "raft/storage/wal_options.h"

namespace blixard::raft {

struct OpenedWal;
struct WalRecovery;

// Segments are named 0000000000000001.wal and on, and their bytes were written before use, so that
// a sync has no file metadata to write. What a sync writes are whole blocks (kDirectBytes) from
// memory aligned to them, straight to the disk where the file system can. While open, the directory
// is locked against every other opener. Append and Sync allocate nothing, except when a segment is
// full and the next one is begun: that Append syncs and renames a file, and makes it only if
// PrepareStep has not. Destroying a Wal drops what was not synced.
class Wal final : public LogStorage {
 public:
  // Makes the directory (not its parents) when there is none. Payloads of recovered entries live in
  // `payloads`; `files` must outlive the Wal.
  // A crash leaves at most an unsynced tail: it is cut and reported, and so recovered entries are
  // durable when Open returns. Whatever no crash can leave is refused and left untouched:
  // kDataLoss (damaged, missing or inconsistent data) and kFailedPrecondition (log of another
  // replica, cluster or format version), both naming file and offset. Also kUnavailable while
  // another opener holds the directory, kInvalidArgument for bad options, and what the disk or
  // `payloads` answer.
  // A crash is taken to lose or keep whole sectors (512 bytes), and never to harm synced ones.
  static absl::StatusOr<OpenedWal> Open(FileSystem& files, memory::BufferPool& payloads,
                                        const WalOptions& options);

  Wal(const Wal&) = delete;
  Wal& operator=(const Wal&) = delete;

  absl::Status Append(const std::optional<HardState>& hard_state,
                      absl::Span<const Entry> entries) override;
  uint64_t max_payload_bytes() const override;
  absl::Status Sync() override;
  absl::Status CompactThrough(EntryId through) override;
  absl::Status InstallSnapshot(EntryId last, const HardState& hard_state) override;
  bool PrepareStep() override;
  bool WantsPrepare() const override;
  LogSpace space() const override;
  bool space_is_low() const override;
  LogStorageStats stats() const override;

 private:
  Wal(FileSystem& files, const WalOptions& options, std::unique_ptr<DirectoryLock> lock);

  struct FreeMemory {
    void operator()(char* memory) const;
  };

  absl::Status Start(WalRecovery& recovery, const std::vector<std::string>& names);
  absl::Status ReadLastBlock();
  void CheckSuccessor(const HardState& state) const;
  absl::Status EnsureRoom(const std::optional<HardState>& hard_state,
                          absl::Span<const Entry> entries);
  absl::Status CheckSizes(absl::Span<const Entry> entries) const;
  void CheckOrder(const std::optional<HardState>& hard_state,
                  absl::Span<const Entry> entries) const;
  absl::Status AppendAll(const std::optional<HardState>& hard_state,
                         absl::Span<const Entry> entries);
  absl::Status AppendHardState(const HardState& hard_state);
  absl::Status AppendEntry(const Entry& entry);
  absl::Status MakeRoom(uint64_t frame_bytes);
  // Of the frame that is reserved next.
  FramePlace place() const {
    return {.sequence = sequence_, .offset = durable_ + pending_, .durable_offset = durable_};
  }
  char* Reserve(uint64_t frame_bytes);
  absl::Status StartSegment(uint64_t sequence);
  absl::Status WriteHeader(const FreeSegment& segment, const SegmentHeader& header);
  absl::Status WritePending();
  absl::Status WriteBlocks();
  void GiveUpSegments();
  absl::Status Latch(absl::Status status);
  absl::Status LatchUnlessFull(absl::Status status);

  FileSystem& files_;
  const WalOptions options_;
  const std::unique_ptr<DirectoryLock> lock_;
  absl::Status failure_;  // the first one, for ever
  std::atomic<bool> failed_ = false;

  // The last segment: [0, durable_) is on the disk, then pending_ bytes that wait, then nothing of
  // this sequence. buffer_ holds what stands in the file from the block of durable_ on; it has room
  // for a whole segment and is touched as far as batches reach.
  std::unique_ptr<File> file_;
  uint64_t sequence_ = 0;
  uint64_t durable_ = 0;
  uint64_t pending_ = 0;
  const std::unique_ptr<char[], FreeMemory> buffer_;

  // The log as it is when all that was appended is durable.
  HardState hard_state_;
  EntryId base_;
  EntryId last_;
  RetainedSegments retained_;  // full ones
  SegmentSupply supply_;

  // Written by the owner only, so they need no read-modify-write.
  std::atomic<uint64_t> syncs_ = 0;
  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<uint64_t> segments_ = 0;
  std::atomic<uint64_t> recycled_ = 0;
};

struct OpenedWal {
  std::unique_ptr<Wal> wal;
  RecoveredLog recovered;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_WAL_H_
