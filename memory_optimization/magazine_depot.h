// The engine under every pool: where idle items wait. Each thread keeps a small magazine of items
// it alone uses; magazines are filled from and emptied into one depot behind a mutex (Bonwick,
// "Magazines and Vmem", 2001). Taking and putting an item on the fast path is a handful of plain
// loads and stores.
//
// Last in, first out on every level, so that the warmest item is handed out first. Items idle in
// other threads' magazines are not lost: at the bound they are fetched back (OwnerGate), so a
// caller is refused only when `max_items` are really in use.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_DEPOT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_DEPOT_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include "memory_optimization/owner_gate.h"
#include "memory_optimization/pool_config.h"

namespace blixard::memory {

class MagazineDepot;

namespace internal {

// One thread's idle items of one depot. Written by its thread inside `gate`, or by whoever holds
// the depot's mutex and has shut the gate or is the owner.
struct alignas(64) Magazine {
  static constexpr uint32_t kCapacity = 48;

  OwnerGate gate;
  uint32_t capacity = 0;             // items this magazine may hold; constant
  std::atomic<uint32_t> count = 0;   // items held
  std::atomic<uint32_t> lowest = 0;  // lowest `count` since the last visit to the depot
  std::atomic<uint64_t> acquired = 0;
  uint64_t serial = 0;  // of the depot; constant
  std::array<void*, kCapacity> items;

  std::atomic<MagazineDepot*> depot = nullptr;  // null once the depot is gone
  Magazine* next_of_thread = nullptr;           // touched by the owner only
};

// Finds this thread's magazine of a depot without a search. Serials are never used twice, so an
// entry left behind by a dead depot matches nobody.
struct MagazineLookup {
  uint64_t serial = 0;
  Magazine* magazine = nullptr;
};
inline constexpr size_t kLookupEntries = 128;
[[gnu::tls_model(
    "initial-exec")]] extern constinit thread_local std::array<MagazineLookup, kLookupEntries>
    this_thread_lookup;

}  // namespace internal

struct MagazineDepotOptions {
  static constexpr size_t kUnbounded =
      std::numeric_limits<size_t>::max() / 2;  // sums stay in range

  size_t max_items = kUnbounded;  // items that may exist at once
  OnExhausted on_exhausted = OnExhausted::kFail;
  size_t max_idle = kUnbounded;  // idle items kept, magazines included; at least half is used
  size_t magazine_items = internal::Magazine::kCapacity;  // per thread; 0: every call locks
  void (*dispose)(void* item,
                  void* context) = nullptr;  // destroys an idle item; takes no lock of ours
  void* context = nullptr;
};

// Thread-safe. Must outlive its items: the owner checks Stats().live before destroying it. The last
// calls of other threads must have happened before the destructor.
class MagazineDepot {
 public:
  // Exactly one of three: an item; leave to build one (it is counted from here on); nothing.
  struct Grant {
    void* item = nullptr;
    bool may_build = false;
  };

  explicit MagazineDepot(const MagazineDepotOptions& options);
  ~MagazineDepot();  // disposes of the idle items
  MagazineDepot(const MagazineDepot&) = delete;
  MagazineDepot& operator=(const MagazineDepot&) = delete;

  Grant Take() {
    if (void* item = TakeFromMagazine(); item != nullptr) [[likely]]
      return {.item = item};
    return TakeFromDepot();
  }
  void Put(void* item) {
    if (!PutIntoMagazine(item)) [[unlikely]]
      PutIntoDepot(item);
  }

  // Gives back leave to build that was not used; counts as a refusal.
  void RefuseBuild();
  // Adds an item nobody asked for. False, and the item is still the caller's: `limit` items exist.
  bool AddIdle(void* item, size_t limit);
  // Disposes of up to `max_items` idle items wherever they wait; returns how many.
  size_t Shrink(size_t max_items);

  // Counts only; bytes are the owner's business.
  PoolStats Stats() const;
  size_t CountItems() const;  // in existence

 private:
  friend struct ThreadMagazines;
  using Magazine = internal::Magazine;

  Magazine* OwnMagazine() const {
    const internal::MagazineLookup& entry =
        internal::this_thread_lookup[serial_ % internal::kLookupEntries];
    return entry.serial == serial_ ? entry.magazine : nullptr;
  }
  void* TakeFromMagazine();
  bool PutIntoMagazine(void* item);
  Grant TakeFromDepot();
  void PutIntoDepot(void* item);

  // Called by ThreadMagazines. Register moves what the depot may no longer hold into the magazine.
  void Register(Magazine* magazine);
  void Unregister(Magazine* magazine);

  // Below: mutex_ is held; `own` is the calling thread's magazine or null.
  size_t DepotRoom() const;
  void ReserveIdle();
  uint64_t ComputePeak() const;
  void NotePeak() { peak_ = ComputePeak(); }
  void CountAcquired(Magazine* own);
  void* TakeIdle(Magazine* own);
  bool Keep(void* item, Magazine* own);
  Grant GrantBuild(Magazine* own);
  void FetchFromOthers(const Magazine* own, size_t max_items);

  const MagazineDepotOptions options_;
  const uint64_t serial_;

  mutable std::mutex mutex_;
  std::vector<void*> idle_;           // the depot: a stack
  std::vector<Magazine*> magazines_;  // of all threads that came by
  size_t items_ = 0;                  // in existence: live, in magazines, in the depot
  size_t reserved_ = 0;               // sum of the magazines' capacities
  uint64_t peak_ = 0;
  uint64_t acquired_ = 0;  // outside magazines, and by threads that are gone
  uint64_t exhausted_ = 0;
  uint64_t grown_ = 0;
};

inline void* MagazineDepot::TakeFromMagazine() {
  Magazine* own = OwnMagazine();
  if (own == nullptr || !own->gate.TryEnter()) [[unlikely]]
    return nullptr;
  void* item = nullptr;
  uint32_t count = own->count.load(std::memory_order_relaxed);
  if (count > 0) [[likely]] {
    item = own->items[--count];
    own->count.store(count, std::memory_order_relaxed);
    if (count < own->lowest.load(std::memory_order_relaxed)) {
      own->lowest.store(count, std::memory_order_relaxed);
    }
    own->acquired.store(own->acquired.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  }
  own->gate.Leave();
  return item;
}

inline bool MagazineDepot::PutIntoMagazine(void* item) {
  Magazine* own = OwnMagazine();
  if (own == nullptr || !own->gate.TryEnter()) [[unlikely]]
    return false;
  const uint32_t count = own->count.load(std::memory_order_relaxed);
  const bool fits = count < own->capacity;
  if (fits) [[likely]] {
    own->items[count] = item;
    own->count.store(count + 1, std::memory_order_relaxed);
  }
  own->gate.Leave();
  return fits;
}

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_DEPOT_H_
