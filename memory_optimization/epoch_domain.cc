#include "memory_optimization/epoch_domain.h"

#include <glog/logging.h>

#include <utility>

namespace blixard::memory {

// Threads' blocks of thread-local memory lie pages apart, so their addresses tell threads apart
// well enough, without any state of ours.
size_t EpochDomain::StripeOfThread() {
  static thread_local constinit char here = 0;
  return (reinterpret_cast<uintptr_t>(&here) * 0x9e3779b97f4a7c15u) >> 56;
}

EpochDomain::~EpochDomain() {
  for (int step = 0; step < 3; ++step) Collect();
  CHECK_EQ(waiting_, 0u) << "an EpochGuard outlives its EpochDomain";
}

void EpochDomain::Retire(EpochRetired* retired) {
  bool collects = false;
  {
    const std::lock_guard lock(mutex_);
    EpochRetired*& list = retired_[counters_.current() % 3];
    retired->next = list;
    list = retired;
    ++waiting_;
    collects = ++since_collect_ >= kCollectEvery;
    if (collects) since_collect_ = 0;
  }
  if (collects) Collect();
}

size_t EpochDomain::Collect() {
  const size_t released = ReleaseAll(TakeReleasable());
  const std::lock_guard lock(mutex_);
  waiting_ -= released;
  return released;
}

EpochRetired* EpochDomain::TakeReleasable() {
  const std::lock_guard lock(mutex_);
  if (!counters_.TryAdvance()) return nullptr;
  // Two epochs back, modulo 3.
  return std::exchange(retired_[(counters_.current() + 1) % 3], nullptr);
}

size_t EpochDomain::ReleaseAll(EpochRetired* list) {
  size_t released = 0;
  while (list != nullptr) {
    EpochRetired* const retired = list;
    list = retired->next;
    retired->release(retired);
    ++released;
  }
  return released;
}

size_t EpochDomain::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace blixard::memory
