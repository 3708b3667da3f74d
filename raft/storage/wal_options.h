// Settings of a write-ahead log.
#ifndef BLIXARD_RAFT_STORAGE_WAL_OPTIONS_H_
#define BLIXARD_RAFT_STORAGE_WAL_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "raft/core/types.h"

namespace blixard::raft {

inline constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 30;
inline constexpr size_t kMaxFreeSegments = 64;

struct WalOptions {
  std::string directory;               // of this log alone
  ClusterId cluster{0};                // written into every segment and checked
  ReplicaId replica = kNoReplica;      // likewise
  uint64_t segment_bytes = 16u << 20;  // a multiple of 4096, to kMaxSegmentBytes; bounds one
                                       // entry and the bytes that wait for Sync
  size_t max_free_segments = 2;        // files kept for reuse, 1 to kMaxFreeSegments; what is given
                                       // up beyond them is removed
  uint64_t reserve_bytes = 64u << 20;  // with less room on the disk, LogStorage::space() is low

  // kInvalidArgument naming the field, what it should be and what it is.
  absl::Status Validate() const;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_WAL_OPTIONS_H_
