// Reads the segments of a write-ahead log, one behind the other, and judges what it finds. Writes
// nothing.
#ifndef BLIXARD_RAFT_STORAGE_WAL_READER_H_
#define BLIXARD_RAFT_STORAGE_WAL_READER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/file.h"
#include "raft/storage/log_replay.h"
#include "raft/storage/retained_segments.h"
#include "raft/storage/segment.h"
#include "raft/storage/segment_list.h"
#include "raft/storage/segment_scan.h"
#include "raft/storage/wal_frame.h"
#include "raft/storage/wal_options.h"

namespace blixard::raft {

// One segment as it was read.
struct SegmentContent {
  std::string path;
  std::unique_ptr<File> file;
  std::string bytes;
  SegmentHeader header;
  uint64_t end = 0;             // of its frames
  uint64_t durable_offset = 0;  // surely synced up to here
  absl::Status end_reason;      // why there is no frame at `end`
  SegmentTail tail;

  // What stands behind the frames and was meant to be some.
  uint64_t torn_bytes() const {
    return header.origin == SegmentOrigin::kFresh ? tail.used_bytes : tail.own_bytes;
  }
};

// Is told what is read, in order, as far as it is sound.
class WalObserver {
 public:
  virtual ~WalObserver() = default;
  // A frame behind the segment's header; it starts at segment.end.
  virtual void OnFrame(const SegmentContent& segment, const Frame& frame) = 0;
  virtual void OnSegment(const SegmentContent& segment) = 0;
};

class WalReader {
 public:
  // `mode` is how the segments are opened. `observer` may be null. All must outlive the reader.
  WalReader(FileSystem& files, memory::BufferPool& payloads, const WalOptions& options,
            OpenMode mode, WalObserver* observer)
      : files_(files), options_(options), mode_(mode), observer_(observer), replay_(payloads) {}

  // Once. Errors as those of Wal::Open.
  absl::Status Read(const SegmentList& list);

  // What was read; its last segment if there is any.
  LogReplay& replay() { return replay_; }
  RetainedSegments& retained() { return retained_; }
  SegmentContent& last() { return last_; }

  // "FILE: offset N: MESSAGE".
  static absl::Status At(absl::string_view path, uint64_t offset, const absl::Status& status);

 private:
  absl::Status ReadSegment(uint64_t sequence, const SegmentList& list);
  absl::Status ReadContent(SegmentContent& segment);
  absl::Status CheckHeader(uint64_t sequence, const SegmentList& list, SegmentContent& segment);
  absl::Status CheckContinues(const SegmentHeader& header, absl::string_view path) const;
  absl::Status CheckPrevious(uint64_t want_end) const;
  absl::Status CheckBeginning(const SegmentList& list) const;
  absl::Status CheckTail() const;
  absl::Status ReplayFrames(uint64_t sequence, SegmentContent& segment);
  void NoteCut(const FrameHeader& header);

  FileSystem& files_;
  const WalOptions& options_;
  const OpenMode mode_;
  WalObserver* const observer_;
  LogReplay replay_;
  RetainedSegments retained_;
  SegmentContent last_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_WAL_READER_H_
