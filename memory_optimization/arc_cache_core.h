// The part of an ArcCache that does not know keys and values: admission, eviction, removal, and the
// memory of what was removed while pinned.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_CORE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_CORE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/types/span.h"
#include "memory_optimization/arc_cache_entry.h"
#include "memory_optimization/arc_cache_eviction.h"
#include "memory_optimization/arc_cache_hit_counters.h"
#include "memory_optimization/arc_cache_stats.h"
#include "memory_optimization/arc_cache_table.h"

namespace blixard::memory::internal {

// What left the cache under the mutex and is told to the listener and freed outside. Also holds the
// removed entries that somebody still pins, but only until the listener knows.
class RemovedEntries {
 public:
  RemovedEntries() = default;
  ~RemovedEntries();  // frees what is free
  RemovedEntries(const RemovedEntries&) = delete;
  RemovedEntries& operator=(const RemovedEntries&) = delete;

  // With the mutex. Takes over an entry that nothing pins.
  void TakeOver(CacheEntry* entry);
  // With the mutex. Pins an entry that is out of the table.
  void Watch(CacheEntry* entry);

  // Without. Calls `tell` for every entry that a listener must hear of and has not; what it throws
  // passes through, and the rest is not told.
  template <class Tell>
  void Notify(Tell tell) {
    while (CacheEntry* entry = NextWatched()) {
      const WatchEnd end{entry};
      tell(*entry);
    }
    for (CacheEntry* entry = free_; entry != nullptr; entry = entry->next) {
      if (std::exchange(entry->must_notify, false)) tell(*entry);
    }
  }

 private:
  struct WatchEnd {
    CacheEntry* entry;
    ~WatchEnd() { DropCountedPin(*entry); }
  };
  CacheEntry* NextWatched();

  CacheEntry* free_ = nullptr;     // through next
  CacheEntry* watched_ = nullptr;  // through previous
};

struct CacheCoreOptions {
  bool has_listener = false;
  uint64_t max_entries = UINT64_MAX;
  uint64_t max_weight = UINT64_MAX;
};

class CacheCore {
 public:
  explicit CacheCore(const CacheCoreOptions& options);
  ~CacheCore();  // CHECKs that no guard is out
  CacheCore(const CacheCore&) = delete;
  CacheCore& operator=(const CacheCore&) = delete;

  // Lock-free part.
  const CellArray* cells() const { return table_.cells(); }
  uint64_t PinOf(const CacheEntry* entry) const {
    return number_ | reinterpret_cast<uint64_t>(entry);
  }
  HitCounters::Line* FindHitCounter(const PinBlock& block) const { return hits_.Find(block); }
  void PrepareHitCounter(const PinBlock& block) { hits_.Prepare(block); }

  std::mutex& mutex() { return mutex_; }

  // Below: the mutex is held.
  template <class Accept>
  CacheEntry* Find(uint64_t hash, Accept is_it) const {
    return table_.Find(hash, is_it);
  }
  // A pin of an entry that is in the table: its slot in `block`, or null if counted instead.
  PinWord* Pin(CacheEntry* entry, PinBlock* block);

  // So that the next Insert cannot throw. May throw std::bad_alloc; then nothing happened.
  void ReserveOne();
  // Puts `entry` into the table, evicting into `removed` what must go. False: it does not fit, and
  // nothing but evictions happened. May throw std::bad_alloc; then nothing happened.
  bool Insert(CacheEntry* entry, RemovedEntries& removed);
  // Out of the table. Freed when nothing pins it and somebody collects.
  void Remove(CacheEntry* entry, RemovalReason reason, RemovedEntries& removed);
  void RemoveAll(RemovedEntries& removed);
  void RemoveExpired(uint64_t now_ns, RemovedEntries& removed);
  // Moves to `removed` what was removed earlier and is not pinned. Collect does nothing while
  // little waits, because looking at the pins costs a barrier on every thread.
  void Collect(RemovedEntries& removed);
  void CollectNow(RemovedEntries& removed);

  ArcCacheStats Stats() const;
  ArcCacheStats counts = {};  // of the events that happen under the mutex

 private:
  static constexpr size_t kGroup = 64;
  using Group = absl::Span<CacheEntry*>;

  bool Fits(uint64_t weight) const;
  bool MakeRoom(uint64_t weight, RemovedEntries& removed);
  bool EvictSome(size_t want, uint64_t weight, RemovedEntries& removed);
  bool Settle() const;
  void MarkPinned(Group group) const;
  uint64_t CountSlotPins() const;
  void CountRemoval(RemovalReason reason);

  const CacheCoreOptions options_;
  const uint64_t number_;  // of this cache, above the address bits
  EntryTable table_;
  const bool lock_free_;  // the kernel has the barrier that lock-free pins need
  HitCounters hits_;
  std::atomic<uint64_t> counted_pins_ = 0;

  mutable std::mutex mutex_;
  S3Fifo queues_;
  CacheEntry* detached_ = nullptr;  // removed, through CacheEntry::next
  uint64_t detached_entries_ = 0;
  uint64_t detached_weight_ = 0;
  uint64_t collect_at_entries_;  // Collect waits for this many, or this much
  uint64_t collect_at_weight_;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_CORE_H_
