// Settings of a write-ahead log.
#ifndef BLIXARD_RAFT_STORAGE_WAL_OPTIONS_H_
#define BLIXARD_RAFT_STORAGE_WAL_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "raft/core/types.h"

namespace blixard::raft {

inline constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 30;

struct WalOptions {
  std::string directory;               // of this log alone
  ClusterId cluster{0};                // written into every segment and checked
  ReplicaId replica = kNoReplica;      // likewise
  uint64_t segment_bytes = 16u << 20;  // a multiple of 4096, to kMaxSegmentBytes; bounds one
                                       // entry and the bytes that wait for Sync

  // kInvalidArgument naming the field, what it should be and what it is.
  absl::Status Validate() const;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_WAL_OPTIONS_H_
