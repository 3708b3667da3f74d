#include "raft/storage/wal_options.h"

#include "absl/strings/str_cat.h"

namespace blixard::raft {

absl::Status WalOptions::Validate() const {
  constexpr uint64_t kBlock = 4096;
  if (directory.empty()) return absl::InvalidArgumentError("directory: want a path, got none");
  if (cluster == ClusterId{0}) return absl::InvalidArgumentError("cluster: want an id, got 0");
  if (replica == kNoReplica) return absl::InvalidArgumentError("replica: want an id, got 0");
  if (segment_bytes < kBlock || segment_bytes > kMaxSegmentBytes || segment_bytes % kBlock != 0) {
    return absl::InvalidArgumentError(absl::StrCat("segment_bytes: want a multiple of ", kBlock,
                                                   " up to ", kMaxSegmentBytes, ", got ",
                                                   segment_bytes));
  }
  if (max_free_segments < 1 || max_free_segments > kMaxFreeSegments) {
    return absl::InvalidArgumentError(absl::StrCat("max_free_segments: want 1 to ",
                                                   kMaxFreeSegments, ", got ", max_free_segments));
  }
  return absl::OkStatus();
}

}  // namespace blixard::raft
