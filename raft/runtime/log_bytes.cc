#include "raft/runtime/log_bytes.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::raft {

void LogBytes::Add(LogIndex index, uint64_t bytes) {
  CHECK_GT(index, last_) << "entries are weighed in order";
  total_ += bytes;
  last_ = index;
  if (marks_.empty() || total_ - marks_.back().total >= mark_bytes_) {
    marks_.push_back({.index = index, .total = total_});
  }
}

LogIndex LogBytes::FirstWithin(uint64_t bytes) const {
  const auto mark = std::find_if(marks_.begin(), marks_.end(),
                                 [&](const Mark& mark) { return total_ - mark.total <= bytes; });
  return mark == marks_.end() ? last_ : mark->index;
}

void LogBytes::DropThrough(LogIndex index) {
  const auto kept = std::find_if(marks_.begin(), marks_.end(),
                                 [&](const Mark& mark) { return mark.index > index; });
  marks_.erase(marks_.begin(), kept);
}

}  // namespace blixard::raft
