// The engine under every pool: where idle items wait. Each thread keeps a small magazine of items
// it alone uses (magazine_slots.h); magazines are filled from and emptied into one depot behind a
// mutex, half a magazine at a time (Bonwick, "Magazines and Vmem", 2001).
//
// Last in, first out on every level, so that the warmest item is handed out first. Items idle in
// other threads' magazines are not lost: at the bound they are stolen back, so a caller is refused
// only when `max_items` are really in use.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_DEPOT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_DEPOT_H_

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string_view>
#include <vector>

#include "memory_optimization/cache_line.h"
#include "memory_optimization/call_site.h"
#include "memory_optimization/magazine.h"
#include "memory_optimization/pool_config.h"
#include "memory_optimization/pool_seal.h"

namespace blixard::memory {

struct MagazineDepotOptions {
  static constexpr size_t kUnbounded =
      std::numeric_limits<size_t>::max() / 2;  // sums stay in range

  std::string_view name = {};     // for messages; not owned
  size_t max_items = kUnbounded;  // items that may exist at once
  OnExhausted on_exhausted = OnExhausted::kFail;
  std::chrono::nanoseconds wait_at_most = {};  // OnExhausted::kWait
  size_t max_idle = kUnbounded;  // idle items kept, magazines included; at least half is used
  size_t magazine_items = internal::Magazine::kCapacity;  // per thread; 0: every call locks
  void (*dispose)(void* item,
                  void* context) = nullptr;  // destroys an idle item; takes no lock of ours
  void* context = nullptr;
};

// Thread-safe. Must outlive its items: the owner checks Stats().live before destroying it. The last
// calls of other threads must have happened before the destructor. Whatever operator new throws
// passes through, and nothing has changed then.
class MagazineDepot {
 public:
  using Magazine = internal::Magazine;

  // Exactly one of three: an item; leave to build one (it is counted from here on); nothing.
  struct Grant {
    void* item = nullptr;
    bool may_build = false;

    bool is_empty() const { return item == nullptr && !may_build; }
  };

  explicit MagazineDepot(const MagazineDepotOptions& options);
  ~MagazineDepot();  // disposes of the idle items
  MagazineDepot(const MagazineDepot&) = delete;
  MagazineDepot& operator=(const MagazineDepot&) = delete;

  Grant Take(CallSite site = CallSite::current()) {
    Magazine* own = FindOwnMagazine();
    if (void* item = own->slots.TryTake(); item != nullptr) [[likely]]
      return {.item = item};
    return TakeFromDepot(site);
  }
  void Put(void* item) {
    Magazine* own = FindOwnMagazine();
    if (own->IsOfThisThread() && own->slots.TryPut(item)) [[likely]]
      return;
    PutIntoDepot(item);
  }

  // The parts of Take and Put, for owners that carry the magazine with the item.
  // The calling thread's, or internal::nobodys_magazine.
  Magazine* FindOwnMagazine() const { return key_.Entry(); }
  const internal::MagazineKey& key() const { return key_; }
  Grant TakeFromDepot(CallSite site);
  void PutIntoDepot(void* item);
  // Of an item that another thread acquired.
  void PutFromElsewhere(void* item) {
    Magazine* own = FindOwnMagazine();
    if (!own->IsOfThisThread()) [[unlikely]]
      return PutFromElsewhereIntoDepot(item);
    own->from_elsewhere.store(own->from_elsewhere.load(std::memory_order_relaxed) + 1,
                              std::memory_order_relaxed);
    if (!own->slots.TryPut(item)) [[unlikely]]
      PutIntoDepot(item);
  }

  // Gives back leave to build that was not used; counts as a refusal.
  void RefuseBuild();
  // The same after the item's constructor or its memory failed; counts as nothing.
  void AbandonBuild();
  // Adds an item nobody asked for. False, and the item is still the caller's: `limit` items exist.
  bool AddIdle(void* item, size_t limit);
  // Disposes of an item that is out, in place of putting it back.
  void Discard(void* item);
  // Disposes of up to `max_items` idle items wherever they wait; returns how many.
  size_t Shrink(size_t max_items);
  // Disposes of idle items until only `min_items` exist; returns how many.
  size_t Trim(size_t min_items);

  // From now on, until Seal(false), leave to build aborts naming the call site.
  void Seal(bool sealed) { seal_.Set(sealed); }
  // For items built without leave (AddIdle).
  void CheckMayGrow(CallSite site) const { seal_.CheckMayGrow(options_.name, site); }

  // Counts only; bytes are the owner's business.
  PoolStats Stats() const;
  size_t CountItems() const;  // in existence

  bool has_magazines() const { return options_.magazine_items > 0 && options_.max_idle >= 2; }

 private:
  friend class internal::ThreadMagazines;
  using Slots = decltype(Magazine::slots);

  // Called by ThreadMagazines, under its lock. Null: nothing to give, or no memory for it.
  Magazine* Register();
  void Unregister(Magazine* magazine);

  bool has_entry() const { return entry_ != 0; }
  Magazine*& Entry() const { return key_.Entry(); }

  void PutFromElsewhereIntoDepot(void* item);

  std::unique_lock<std::mutex> Lock() const;
  // Below: mutex_ is held; `own` is the calling thread's magazine, settled, or null.
  Grant TryGrant(Magazine* own, CallSite site);
  Grant Wait(std::unique_lock<std::mutex>& lock, CallSite site);
  // `returning`: the item on its way in, if any; must not be there already.
  void* SettleOwn(Magazine* own, const void* returning = nullptr);
  void LeaveOwn(Magazine* own);
  size_t DepotRoom() const;
  void ReserveIdle(size_t items);
  void PushIdle(void* item) { idle_.push_back(item); }  // into room that ReserveIdle made
  void PushColdest(Slots& slots, uint32_t count);
  void* PopIdle();
  uint64_t ComputePeak() const;
  void NotePeak() { peak_ = ComputePeak(); }
  void* TakeIdle(Magazine* own);
  void Refill(Magazine& own);
  bool Keep(void* item, Magazine* own);
  Grant GrantBuild(CallSite site);
  void StealFromOthers(const Magazine* own, size_t max_items);
  void DivertPuts();

  const MagazineDepotOptions options_;
  const size_t entry_;  // of the threads' lookups
  const internal::MagazineKey key_;
  PoolSeal seal_;

  // Every release reads what is above; what visits of the depot write stands apart. Padding and not
  // alignas, which would bind whoever holds a depot.
  [[maybe_unused]] std::array<char, kCacheLinePairBytes> apart_;

  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<void*> idle_;        // the depot: a stack
  Magazine* magazines_ = nullptr;  // every one ever made, owned
  size_t items_ = 0;               // in existence: live, in magazines, in the depot
  size_t reserved_ = 0;            // sum of the magazines' quotas
  size_t waiters_ = 0;             // OnExhausted::kWait
  uint64_t peak_ = 0;
  uint64_t taken_ = 0;  // under the mutex
  uint64_t built_ = 0;  // leave to build for callers
  uint64_t exhausted_ = 0;
  uint64_t grown_ = 0;
  uint64_t dropped_ = 0;
  uint64_t from_elsewhere_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_DEPOT_H_
