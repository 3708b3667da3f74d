// How much of the log lies behind an index, in bytes, without a number per entry.
#ifndef BLIXARD_RAFT_RUNTIME_LOG_BYTES_H_
#define BLIXARD_RAFT_RUNTIME_LOG_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raft/core/types.h"

namespace blixard::raft {

// Remembers one mark per `mark_bytes`; answers are exact to that. Not thread-safe. The table is as
// long as the bytes it covers divided by `mark_bytes`: whoever uses it calls DropThrough.
class LogBytes {
 public:
  explicit LogBytes(uint64_t mark_bytes) : mark_bytes_(mark_bytes) {}

  // The entry at `index` weighs `bytes`. Indexes ascend.
  void Add(LogIndex index, uint64_t bytes);

  // The lowest marked index behind which no more than `bytes` follow; the latest one if even the
  // last mark's stretch is larger.
  LogIndex FirstWithin(uint64_t bytes) const;

  // Forgets what is known of `index` and before.
  void DropThrough(LogIndex index);

  uint64_t total() const { return total_; }  // ever added

 private:
  struct Mark {
    LogIndex index;
    uint64_t total = 0;  // up to and with this entry
  };

  const uint64_t mark_bytes_;
  uint64_t total_ = 0;
  LogIndex last_;
  std::vector<Mark> marks_;  // ascending
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_LOG_BYTES_H_
