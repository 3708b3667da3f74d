#include "raft/storage/retained_segments.h"

namespace blixard::raft {

void RetainedSegments::CutTo(LogIndex last) {
  for (size_t i = closed_.size(); i > first_ && closed_[i - 1].last > last; --i) {
    closed_[i - 1].last = last;
  }
}

std::optional<uint64_t> RetainedSegments::ReleaseThrough(LogIndex base) {
  if (first_ == closed_.size() || closed_[first_].last > base) return std::nullopt;
  const uint64_t sequence = closed_[first_].sequence;
  ++first_;
  if (first_ * 2 >= closed_.size()) {
    closed_.erase(closed_.begin(), closed_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
  return sequence;
}

}  // namespace blixard::raft
