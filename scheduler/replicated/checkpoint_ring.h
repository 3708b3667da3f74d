// The digests a replica had at its latest checkpoints. Log indexes alone decide where a checkpoint
// is: after the first command entry at or beyond each multiple of the interval. So replicas that
// went apart in any way still agree on where to compare.
#ifndef BLIXARD_SCHEDULER_REPLICATED_CHECKPOINT_RING_H_
#define BLIXARD_SCHEDULER_REPLICATED_CHECKPOINT_RING_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "raft/core/types.h"
#include "scheduler/replicated/command.h"

namespace blixard::scheduler {

class CheckpointRing {
 public:
  static constexpr size_t kKept = 64;

  // `interval` in log entries; CHECKs that it is above 0.
  explicit CheckpointRing(uint64_t interval);

  struct Step {
    raft::LogIndex before;  // the command entry applied last before this one; 0 = none
    raft::LogIndex index;
  };
  // Whether there is a checkpoint after the entry at step.index.
  bool IsCheckpoint(Step step) const;

  // Indexes must rise (CHECKed). Forgets the oldest beyond kKept.
  void Add(const Checkpoint& checkpoint);

  std::optional<Checkpoint> latest() const;

  // Those that are not forgotten, oldest first.
  template <class Visit>
  void ForEach(Visit&& visit) const {
    for (uint64_t at = added_ - kept(); at < added_; ++at) visit(ring_[at % kKept]);
  }
  size_t kept() const { return std::min<uint64_t>(added_, kKept); }
  uint64_t interval() const { return interval_; }

  // Nothing when there was no checkpoint at that index or it is forgotten.
  std::optional<StateDigest> FindDigest(raft::LogIndex index) const;

 private:
  uint64_t interval_;
  std::array<Checkpoint, kKept> ring_{};
  uint64_t added_ = 0;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_CHECKPOINT_RING_H_
