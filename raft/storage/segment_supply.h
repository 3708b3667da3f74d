// The files that the log will stand in next, and those that it stands in no more.
#ifndef BLIXARD_RAFT_STORAGE_SEGMENT_SUPPLY_H_
#define BLIXARD_RAFT_STORAGE_SEGMENT_SUPPLY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/storage/file.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal_options.h"

namespace blixard::raft {

// A file of a segment's size, durable under its name.
struct FreeSegment {
  std::unique_ptr<File> file;
  std::string path;
  SegmentOrigin origin = SegmentOrigin::kFresh;
};

// A file is filled once and then used again and again: a segment that is not needed any more
// becomes a free one (`*.free`) by renaming, and keeps its bytes; the sequence in every frame tells
// them from those of the next use. One thread runs the log (Retire, Ensure, Take), any other may
// Step beside it; no file operation happens under the lock that they share, except that Ensure
// waits for the step in progress.
class SegmentSupply {
 public:
  SegmentSupply(FileSystem& files, const WalOptions& options) : files_(files), options_(options) {}

  // Once, before anything else: takes over what the directory holds. Names of free segments that
  // are of use are kept, others and unfinished ones removed.
  absl::Status Adopt(const std::vector<std::string>& names);
  // Likewise, for a log that begins anew: removes free segments too. Its sequence starts at 1
  // again, so what they hold could pass for its own.
  absl::Status Discard(const std::vector<std::string>& names);

  // The segment `sequence` holds nothing of need, durably so, and nobody has it open.
  void Retire(uint64_t sequence);

  // One bounded piece of work: a retired file, or up to kPieceBytes of a new one. Whether another
  // call makes sense now; false after a failure, which is counted and begun anew by the next call.
  bool Step();
  bool WantsStep() const { return wants_step_.load(std::memory_order_acquire); }

  // Makes what is missing to `count` free segments, here and now. On an error (kResourceExhausted:
  // the disk is full) nothing has changed.
  absl::Status Ensure(size_t count);

  // CHECKs that there is one.
  FreeSegment Take();

  uint64_t made_inline() const { return made_inline_.load(std::memory_order_relaxed); }
  uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

  static constexpr uint64_t kPieceBytes = 1 << 20;

 private:
  // A file on its way to become a free one. Guarded by step_mutex_.
  struct Unfinished {
    std::unique_ptr<File> file;
    uint64_t number = 0;
    uint64_t filled = 0;
  };

  std::string PathOf(const std::string& name) const;
  absl::Status AdoptFree(const std::string& name);
  std::optional<uint64_t> TakeRetired();
  absl::Status GiveBack(uint64_t sequence);
  absl::Status Recycle(uint64_t sequence);
  absl::Status Fill();
  absl::Status BeginFile();
  absl::Status FillPiece();
  absl::Status FinishFile();
  void Abandon();
  size_t ready() const;
  void AddReady(FreeSegment segment);
  void UpdateWants();  // mutex_ held

  FileSystem& files_;
  const WalOptions options_;

  std::mutex step_mutex_;  // one step at a time; taken before mutex_
  uint64_t next_number_ = 1;
  Unfinished unfinished_;

  mutable std::mutex mutex_;  // never held during a file operation
  std::deque<uint64_t> retired_;
  std::deque<FreeSegment> ready_;

  std::atomic<bool> wants_step_ = true;
  std::atomic<uint64_t> made_inline_ = 0;
  std::atomic<uint64_t> failures_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SEGMENT_SUPPLY_H_
