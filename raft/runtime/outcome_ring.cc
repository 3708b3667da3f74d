#include "raft/runtime/outcome_ring.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::raft {

OutcomeRing::OutcomeRing(size_t capacity_bytes)
    : capacity_(capacity_bytes), bytes_(std::make_unique_for_overwrite<char[]>(capacity_bytes)) {
  CHECK_GT(capacity_bytes, 0u);
}

OutcomeRing::Place OutcomeRing::Append(absl::string_view outcome) {
  CHECK_LE(outcome.size(), capacity_);
  const size_t to_end = capacity_ - head_ % capacity_;
  if (outcome.size() > to_end) head_ += to_end;  // in one piece, so that Find can show it
  const Place place{.offset = head_, .bytes = static_cast<uint32_t>(outcome.size())};
  std::copy(outcome.begin(), outcome.end(), &bytes_[head_ % capacity_]);
  head_ += outcome.size();
  return place;
}

std::optional<absl::string_view> OutcomeRing::Find(const Place& place) const {
  if (!IsKept(place)) return std::nullopt;
  return absl::string_view(&bytes_[place.offset % capacity_], place.bytes);
}

bool OutcomeRing::RestoreAt(const Place& place, absl::string_view outcome) {
  CHECK_EQ(place.bytes, outcome.size());
  const bool fits = place.bytes <= capacity_ - place.offset % capacity_;
  if (!fits || !IsKept(place)) return false;
  std::copy(outcome.begin(), outcome.end(), &bytes_[place.offset % capacity_]);
  return true;
}

bool OutcomeRing::IsKept(const Place& place) const {
  if (place.offset > head_ || place.bytes > head_ - place.offset) return false;
  return head_ - place.offset <= capacity_;
}

}  // namespace blixard::raft
