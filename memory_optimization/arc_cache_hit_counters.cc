#include "memory_optimization/arc_cache_hit_counters.h"

#include <new>

namespace blixard::memory::internal {

HitCounters::~HitCounters() {
  for (std::atomic<Line*>& group : groups_) delete[] group.load(std::memory_order_relaxed);
}

void HitCounters::Prepare(const PinBlock& block) {
  if (Find(block) != nullptr) return;
  Line* lines = new (std::nothrow) Line[size_t{PinBlock::kFirstGroup} << block.group];
  Line* there = nullptr;
  if (lines != nullptr &&
      !groups_[block.group].compare_exchange_strong(there, lines, std::memory_order_acq_rel)) {
    delete[] lines;
  }
}

uint64_t HitCounters::Sum() const {
  uint64_t sum = 0;
  for (size_t group = 0; group < groups_.size(); ++group) {
    const Line* lines = groups_[group].load(std::memory_order_acquire);
    const size_t count = lines == nullptr ? 0 : size_t{PinBlock::kFirstGroup} << group;
    for (size_t i = 0; i < count; ++i) sum += lines[i].hits.load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace blixard::memory::internal
