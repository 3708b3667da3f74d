// Which segments a directory holds, by the names of its files.
#ifndef BLIXARD_RAFT_STORAGE_SEGMENT_LIST_H_
#define BLIXARD_RAFT_STORAGE_SEGMENT_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

namespace blixard::raft {

// Segments go oldest first, but a crash may keep some names and lose others. So the log stands in
// the newest ones in a row; older ones behind a gap are left over, if the log does without them.
struct SegmentList {
  uint64_t first = 1;  // the row; empty when last < first
  uint64_t last = 0;
  std::vector<uint64_t> leftover;  // ascending

  bool operator==(const SegmentList&) const = default;
};

SegmentList ListSegments(const std::vector<std::string>& names);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SEGMENT_LIST_H_
