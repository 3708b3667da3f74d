// Which entry goes when room is needed: S3-FIFO (Yang, Zhang, Qiu, Yue, Vigfusson, "FIFO Queues
// Are All You Need for Cache Eviction", SOSP 2023). New entries pass a small queue that holds a
// tenth of the cache; only what was used there twice enters the main queue, so a scan flows through
// the tenth and touches nothing else. Entries that left the small queue unused are remembered by
// hash; one that comes back goes to the main queue at once.
//
// Not thread-safe: belongs to the cache's mutex. Only CacheEntry::frequency is shared with readers.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_EVICTION_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_EVICTION_H_

#include <cstddef>
#include <cstdint>

#include "memory_optimization/arc_cache_entry.h"
#include "memory_optimization/arc_cache_ghost.h"

namespace blixard::memory::internal {

// First in, first out, through CacheEntry::previous and next.
struct EntryQueue {
  void PushNewest(CacheEntry* entry);
  void Remove(CacheEntry* entry);

  CacheEntry* newest = nullptr;
  CacheEntry* oldest = nullptr;
  uint64_t entries = 0;
  uint64_t weight = 0;
};

class S3Fifo {
 public:
  // A new entry, in no queue. Never allocates.
  void Insert(CacheEntry* entry);
  // Out of its queue, for whatever reason but eviction.
  void Remove(CacheEntry* entry);

  // The next entry to go, taken out of its queue, or null when both are empty. The caller decides
  // its fate with one of the two calls below. Amortised O(1), at most kMaxSteps steps: then the
  // oldest goes, used or not.
  CacheEntry* TakeVictim();
  void Forget(CacheEntry* victim);  // it goes
  void Spare(CacheEntry* victim);   // it stays, as if used

  // Allocates what is needed to remember as many hashes as there may be entries.
  void Reserve(size_t entries) { ghost_.Reserve(entries); }
  uint64_t entries() const { return small_.entries + main_.entries; }
  uint64_t weight() const { return small_.weight + main_.weight; }

  // Calls `visit` for every entry, which may be removed by it.
  template <class Visit>
  void ForEach(Visit visit) {
    for (EntryQueue* queue : {&small_, &main_}) {
      for (CacheEntry* entry = queue->oldest; entry != nullptr;) {
        CacheEntry* newer = entry->previous;
        visit(entry);
        entry = newer;
      }
    }
  }

 private:
  static constexpr int kMaxSteps = 256;
  static constexpr uint64_t kSmallShare = 10;   // one part in ten
  static constexpr uint8_t kMovesToMainAt = 2;  // uses while in the small queue

  bool SmallIsFull() const;
  void Enter(EntryQueue& queue, CacheEntry* entry, CacheQueue name);
  CacheEntry* TakeFromSmall();
  CacheEntry* TakeFromMain(bool by_age);

  EntryQueue small_;
  EntryQueue main_;
  GhostHashes ghost_;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_EVICTION_H_
