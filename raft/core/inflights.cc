#include "raft/core/inflights.h"

#include <glog/logging.h>

namespace blixard::raft {

Inflights::Inflights(const InflightLimits& limits)
    : ring_(limits.max_messages), max_bytes_(limits.max_bytes) {
  CHECK_GT(limits.max_messages, 0u);
  CHECK_GT(limits.max_bytes, 0u);
}

void Inflights::Add(LogIndex last, size_t bytes) {
  CHECK(!Full()) << count_ << " messages, " << bytes_ << " bytes";
  if (count_ > 0) CHECK_GT(last, ring_[(first_ + count_ - 1) % ring_.size()].last);
  ring_[(first_ + count_) % ring_.size()] = {.last = last, .bytes = bytes};
  ++count_;
  bytes_ += bytes;
}

void Inflights::FreeUpTo(LogIndex index) {
  while (count_ > 0 && ring_[first_].last <= index) {
    bytes_ -= ring_[first_].bytes;
    first_ = static_cast<uint32_t>((first_ + 1) % ring_.size());
    --count_;
  }
  if (count_ == 0) CHECK_EQ(bytes_, 0u);  // a leak would close the window for ever
}

void Inflights::Clear() { first_ = 0, count_ = 0, bytes_ = 0; }

}  // namespace blixard::raft
