// Which full segments of the log still hold something that is needed.
#ifndef BLIXARD_RAFT_STORAGE_RETAINED_SEGMENTS_H_
#define BLIXARD_RAFT_STORAGE_RETAINED_SEGMENTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "raft/core/types.h"

namespace blixard::raft {

// Bookkeeping only, by the one who writes or reads the log. Only whole segments go, oldest first,
// so that those left are always the newest in a row.
class RetainedSegments {
 public:
  // The segment `sequence`, newer than all before, is full; the log then ends with `last`.
  void Close(uint64_t sequence, LogIndex last) { closed_.push_back({sequence, last}); }

  // The log was cut to end with `last`: what older segments hold behind it is dead.
  void CutTo(LogIndex last);

  // The oldest segment, if it holds no live entry behind `base`; it is forgotten here.
  std::optional<uint64_t> ReleaseThrough(LogIndex base);

  size_t size() const { return closed_.size() - first_; }

 private:
  struct Closed {
    uint64_t sequence;
    LogIndex last;  // live entries of this segment and of those before are up to here
  };

  std::vector<Closed> closed_;  // ascending; those before first_ are released
  size_t first_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_RETAINED_SEGMENTS_H_
