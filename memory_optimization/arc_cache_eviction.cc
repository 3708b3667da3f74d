#include "memory_optimization/arc_cache_eviction.h"

#include <glog/logging.h>

namespace blixard::memory::internal {

void EntryQueue::PushNewest(CacheEntry* entry) {
  entry->previous = nullptr;
  entry->next = newest;
  (newest == nullptr ? oldest : newest->previous) = entry;
  newest = entry;
  ++entries;
  weight += entry->weight;
}

void EntryQueue::Remove(CacheEntry* entry) {
  (entry->previous == nullptr ? newest : entry->previous->next) = entry->next;
  (entry->next == nullptr ? oldest : entry->next->previous) = entry->previous;
  entry->previous = nullptr;
  entry->next = nullptr;
  --entries;
  weight -= entry->weight;
}

void S3Fifo::Enter(EntryQueue& queue, CacheEntry* entry, CacheQueue name) {
  queue.PushNewest(entry);
  entry->queue = name;
}

void S3Fifo::Insert(CacheEntry* entry) {
  if (ghost_.TakeIfThere(entry->hash)) {
    Enter(main_, entry, CacheQueue::kMain);
  } else {
    Enter(small_, entry, CacheQueue::kSmall);
  }
}

void S3Fifo::Remove(CacheEntry* entry) {
  CHECK(entry->queue != CacheQueue::kNone) << "entry of hash " << entry->hash << " is in no queue";
  (entry->queue == CacheQueue::kSmall ? small_ : main_).Remove(entry);
  entry->queue = CacheQueue::kNone;
}

// By count and by weight, because either may be what bounds the cache.
bool S3Fifo::SmallIsFull() const {
  return small_.entries * kSmallShare >= entries() || small_.weight * kSmallShare >= weight();
}

CacheEntry* S3Fifo::TakeVictim() {
  for (int step = 0; entries() > 0; ++step) {
    const bool from_small = small_.entries > 0 && (main_.entries == 0 || SmallIsFull());
    CacheEntry* victim = from_small ? TakeFromSmall() : TakeFromMain(step >= kMaxSteps);
    if (victim != nullptr) return victim;
  }
  return nullptr;
}

// Null: the oldest has earned its place and moved to the main queue.
CacheEntry* S3Fifo::TakeFromSmall() {
  CacheEntry* entry = small_.oldest;
  small_.Remove(entry);
  if (entry->frequency.load(std::memory_order_relaxed) < kMovesToMainAt) return entry;
  entry->frequency.store(0, std::memory_order_relaxed);
  Enter(main_, entry, CacheQueue::kMain);
  return nullptr;
}

// Null: the oldest was used, pays with one mark and goes round again.
CacheEntry* S3Fifo::TakeFromMain(bool by_age) {
  CacheEntry* entry = main_.oldest;
  main_.Remove(entry);
  const uint8_t frequency = entry->frequency.load(std::memory_order_relaxed);
  if (frequency == 0 || by_age) return entry;
  entry->frequency.store(frequency - 1, std::memory_order_relaxed);
  main_.PushNewest(entry);
  return nullptr;
}

void S3Fifo::Forget(CacheEntry* victim) {
  if (victim->queue == CacheQueue::kSmall) ghost_.Add(victim->hash);
  victim->queue = CacheQueue::kNone;
}

void S3Fifo::Spare(CacheEntry* victim) { Enter(main_, victim, CacheQueue::kMain); }

}  // namespace blixard::memory::internal
