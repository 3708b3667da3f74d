#include "scheduler/replicated/checkpoint_ring.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::scheduler {

CheckpointRing::CheckpointRing(uint64_t interval) : interval_(interval) { CHECK_GT(interval, 0u); }

bool CheckpointRing::IsCheckpoint(Step step) const {
  return step.before.value / interval_ < step.index.value / interval_;
}

void CheckpointRing::Add(const Checkpoint& checkpoint) {
  CHECK(added_ == 0 || latest()->index < checkpoint.index);
  ring_[added_++ % kKept] = checkpoint;
}

std::optional<Checkpoint> CheckpointRing::latest() const {
  if (added_ == 0) return std::nullopt;
  return ring_[(added_ - 1) % kKept];
}

std::optional<StateDigest> CheckpointRing::FindDigest(raft::LogIndex index) const {
  const auto end = ring_.begin() + static_cast<std::ptrdiff_t>(kept());
  const auto found = std::find_if(
      ring_.begin(), end, [&](const Checkpoint& checkpoint) { return checkpoint.index == index; });
  if (found == end) return std::nullopt;
  return found->digest;
}

}  // namespace blixard::scheduler
