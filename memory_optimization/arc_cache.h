// A cache that really keeps what it caches, for values many threads read: inventories, parsed
// documents, compiled rules. A hit takes no lock and no atomic read-modify-write and allocates
// nothing; a miss is loaded once, however many callers want it.
//
//   ArcCache<std::string, Image> images({.max_entries = 1000});
//
//   absl::StatusOr<Pinned<Image>> image = images.GetOrCreate("debian-12", load_debian_12);
//
//   if (image.ok()) Use(**image);
//
// Eviction resists scans (arc_cache_eviction.h) and never takes what is pinned. When so much is
// pinned that nothing can make room, a new value is handed to its callers and not cached, so the
// bounds always hold. Who wants one object per key for as long as somebody has it, and no longer,
// takes a WeakCache (arc_cache_weak.h).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_H_

#include <glog/logging.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "memory_optimization/arc_cache_core.h"
#include "memory_optimization/arc_cache_entry.h"
#include "memory_optimization/arc_cache_keys.h"
#include "memory_optimization/arc_cache_options.h"
#include "memory_optimization/arc_cache_single_flight.h"
#include "memory_optimization/arc_cache_stats.h"

namespace blixard::memory {

// Thread-safe. V must be movable. Exceptions of factories, of user functions and std::bad_alloc
// pass through and leave the cache as it was.
template <class K, class V, class Keys = ArcCacheKeys<K>>
class ArcCache {
 public:
  using KeyView = typename Keys::View;

  explicit ArcCache(ArcCacheOptions<K, V, Keys> options);
  ~ArcCache() = default;  // CHECKs that no guard is out
  ArcCache(const ArcCache&) = delete;
  ArcCache& operator=(const ArcCache&) = delete;

  // The value of `key`, or an empty guard.
  Pinned<V> Find(KeyView key);

  // The value of `key`; if there is none, what `factory()` returns, a V or an absl::StatusOr<V>.
  // One caller runs its factory, outside all locks; others of the same key wait as long as `wait`
  // allows. When the factory throws, or returns kCancelled or kDeadlineExceeded, that concerns its
  // own caller only and the next in line loads. Any other error goes to all who wait; it is not
  // cached. Errors: the factory's; kCancelled and kDeadlineExceeded when `wait` ran out;
  // kFailedPrecondition when a factory asks for the key that it is loading.
  template <class Factory>
  absl::StatusOr<Pinned<V>> GetOrCreate(KeyView key, Factory&& factory, const LoadWait& wait = {});

  // Sets the value of `key`, whatever was there. A load under way is treated as by Invalidate.
  Pinned<V> Put(KeyView key, V value);
  // Sets the value of `key` only if its value still is `current`; else changes nothing.
  // Returns whether it did.
  bool Replace(KeyView key, const Pinned<V>& current, V value);

  // Forgets the value of `key`; guards of it stay good. A load under way goes on and its result is
  // handed to those who already wait for it, but is not cached; later callers load anew. Returns
  // whether there was a value.
  bool Invalidate(KeyView key);
  // The same for all keys.
  void Clear();

  // Values past their time are removed when they are asked for, or here. O(entries).
  void RemoveExpired();
  // Frees removed values that no longer are pinned. Without it some wait (at most 32, or a
  // sixteenth of the weight bound) until later calls, because looking at all threads' pins is dear.
  void Trim();

  ArcCacheStats Stats() const;
  const ArcCacheOptions<K, V, Keys>& options() const { return options_; }

 private:
  struct Entry : internal::CacheEntry {
    Entry(KeyView view, V&& made) : key(view), value(std::move(made)) {}
    const typename Keys::Owned key;
    const V value;
  };
  using Flights = internal::FlightList<Entry*, Keys>;
  using Flight = typename Flights::Flight;
  using Protocol = internal::PinProtocol<>;
  // What a caller that missed does next: nothing (`hit`), load, or wait for the `flight`.
  struct Turn {
    enum class Part { kHit, kLoader, kWaiter, kAsksItself };
    Part part = Part::kHit;
    Pinned<V> hit = {};
    std::shared_ptr<Flight> flight = nullptr;
  };

  Pinned<V> FindLockFree(KeyView key, uint64_t hash);
  static Pinned<V> CountedGuard(const Entry& counted) {
    return Pinned<V>(&counted.value, Pinned<V>::CountedPin(counted));
  }
  Pinned<V> FindWithOtherSlot(KeyView key, uint64_t hash, internal::PinBlock& block);
  Pinned<V> FindWithSlot(KeyView key, uint64_t hash, const internal::PinBlock& block,
                         internal::PinWord& slot);
  Entry* FindAndPin(KeyView key, uint64_t hash, internal::PinWord& slot) const;
  bool IsExpired(const Entry& entry) const {
    if (entry.expires_at_ns == internal::kNeverExpires) [[likely]]
      return false;
    return IsPast(entry.expires_at_ns);
  }
  [[gnu::noinline]] bool IsPast(uint64_t time_ns) const { return time_ns <= options_.clock(); }
  Pinned<V> FindUnderLock(KeyView key, uint64_t hash);
  template <class Factory>
  absl::StatusOr<Pinned<V>> LoadOrWait(KeyView key, uint64_t hash, Factory& factory,
                                       const LoadWait& wait);
  Turn TakeTurn(KeyView key, uint64_t hash);
  template <class Factory>
  absl::StatusOr<Pinned<V>> Load(KeyView key, std::shared_ptr<Flight> flight, Factory& factory);
  std::shared_ptr<Entry> MakeEntry(KeyView key, uint64_t hash, V&& value) const;
  void Notify(internal::RemovedEntries& removed) const;

  // Below: the mutex is held.
  Entry* FindEntry(KeyView key, uint64_t hash) const;
  Pinned<V> PinEntry(Entry* entry, internal::PinBlock* block);
  Pinned<V> PinUsed(Entry* entry, internal::PinBlock* block);
  Pinned<V> Keep(const std::shared_ptr<Entry>& entry, internal::PinBlock* block,
                 internal::RemovedEntries& removed);
  Pinned<V> HandOutUncached(const std::shared_ptr<Entry>& entry);

  const ArcCacheOptions<K, V, Keys> options_;
  const Keys keys_;
  mutable internal::CacheCore core_;
  Flights flights_;
};

template <class K, class V, class Keys>
absl::Status Validate(const ArcCacheOptions<K, V, Keys>& options) {
  constexpr uint64_t kUnbounded = ArcCacheOptions<K, V, Keys>::kUnbounded;
  if (options.max_entries == kUnbounded && options.max_weight == kUnbounded) {
    return absl::InvalidArgumentError(
        "max_entries, max_weight: want at least one bound, got neither");
  }
  if (options.max_entries == 0) return absl::InvalidArgumentError("max_entries: want > 0, got 0");
  if (options.max_weight == 0) return absl::InvalidArgumentError("max_weight: want > 0, got 0");
  if (options.time_to_live.count() < 0) {
    return absl::InvalidArgumentError("time_to_live: want >= 0, got a negative time");
  }
  if (options.time_to_live.count() > 0 && !options.clock) {
    return absl::InvalidArgumentError("clock: want a function with time_to_live, got none");
  }
  return absl::OkStatus();
}

template <class K, class V, class Keys>
ArcCache<K, V, Keys>::ArcCache(ArcCacheOptions<K, V, Keys> options)
    : options_(std::move(options)),
      keys_(options_.hash_seed),
      core_({.has_listener = static_cast<bool>(options_.on_removal),
             .max_entries = options_.max_entries,
             .max_weight = options_.max_weight}) {
  const absl::Status status = Validate(options_);
  CHECK(status.ok()) << "cache " << options_.name << ": " << status;
}

template <class K, class V, class Keys>
[[gnu::always_inline]] inline Pinned<V> ArcCache<K, V, Keys>::FindLockFree(KeyView key,
                                                                           uint64_t hash) {
  internal::PinBlock* block = internal::this_thread_pin_block;
  if (block == nullptr) [[unlikely]]
    return {};
  internal::PinWord* slot = block->EmptySlot();
  if (slot == nullptr) [[unlikely]]
    return FindWithOtherSlot(key, hash, *block);
  return FindWithSlot(key, hash, *block, *slot);
}

// The slot used last holds an older guard of this thread.
template <class K, class V, class Keys>
[[gnu::noinline]] Pinned<V> ArcCache<K, V, Keys>::FindWithOtherSlot(KeyView key, uint64_t hash,
                                                                    internal::PinBlock& block) {
  internal::PinWord* slot = block.SearchEmptySlot();
  if (slot == nullptr) return {};
  return FindWithSlot(key, hash, block, *slot);
}

template <class K, class V, class Keys>
[[gnu::always_inline]] inline Pinned<V> ArcCache<K, V, Keys>::FindWithSlot(
    KeyView key, uint64_t hash, const internal::PinBlock& block, internal::PinWord& slot) {
  internal::HitCounters::Line* hits = core_.FindHitCounter(block);
  if (hits == nullptr) [[unlikely]]
    return {};
  Entry* entry = FindAndPin(key, hash, slot);
  if (entry == nullptr) return {};
  entry->MarkUsed();
  hits->Count();
  return Pinned<V>(&entry->value, Pinned<V>::SlotPin(slot));
}

// Null also when a writer is just moving the entry: under the mutex it is found.
template <class K, class V, class Keys>
[[gnu::always_inline]] inline auto ArcCache<K, V, Keys>::FindAndPin(KeyView key, uint64_t hash,
                                                                    internal::PinWord& slot) const
    -> Entry* {
  using internal::CellArray;
  const CellArray& cells = *core_.cells();
  const uint64_t tag = CellArray::TagOf(hash);
  for (size_t i = cells.Home(hash), left = cells.size(); left > 0; i = cells.After(i), --left) {
    const uint64_t cell = cells[i].load(std::memory_order_relaxed);
    if (cell == 0) return nullptr;
    if (!CellArray::HasTag(cell, tag)) continue;
    auto* entry = static_cast<Entry*>(CellArray::EntryOf(cell));
    if (!Protocol::TryPin(slot, cells[i], cell, core_.PinOf(entry))) return nullptr;
    if (Keys::Equal(entry->key, key)) [[likely]] {
      if (!IsExpired(*entry)) [[likely]]
        return entry;
      left = 1;
    }
    Protocol::Unpin(slot);
  }
  return nullptr;
}

template <class K, class V, class Keys>
inline Pinned<V> ArcCache<K, V, Keys>::Find(KeyView key) {
  const uint64_t hash = keys_.Hash(key);
  if (Pinned<V> hit = FindLockFree(key, hash)) return hit;
  return FindUnderLock(key, hash);
}

template <class K, class V, class Keys>
template <class Factory>
inline absl::StatusOr<Pinned<V>> ArcCache<K, V, Keys>::GetOrCreate(KeyView key, Factory&& factory,
                                                                   const LoadWait& wait) {
  const uint64_t hash = keys_.Hash(key);
  if (Pinned<V> hit = FindLockFree(key, hash)) return hit;
  return LoadOrWait(key, hash, factory, wait);
}

template <class K, class V, class Keys>
template <class Factory>
absl::StatusOr<Pinned<V>> ArcCache<K, V, Keys>::LoadOrWait(KeyView key, uint64_t hash,
                                                           Factory& factory, const LoadWait& wait) {
  if (Pinned<V> hit = FindUnderLock(key, hash)) return hit;
  for (;;) {
    Turn turn = TakeTurn(key, hash);
    if (turn.part == Turn::Part::kHit) return std::move(turn.hit);
    if (turn.part == Turn::Part::kLoader) return Load(key, std::move(turn.flight), factory);
    if (turn.part == Turn::Part::kAsksItself) {
      return absl::FailedPreconditionError("key: want another than the one this factory loads");
    }
    Flight& flight = *turn.flight;
    if (absl::Status status = internal::WaitForFlight(core_.mutex(), flight, wait); !status.ok()) {
      return status;
    }
    if (flight.phase == Flight::Phase::kLoaded) return CountedGuard(*flight.result);
    if (flight.phase == Flight::Phase::kFailed) return flight.error;
  }
}

// What readers could not find may still be there: being moved, or out of reach of a thread whose
// slots are all taken. A value past its time goes.
template <class K, class V, class Keys>
Pinned<V> ArcCache<K, V, Keys>::FindUnderLock(KeyView key, uint64_t hash) {
  internal::PinBlock* block = internal::FindOrAdoptPinBlock();
  if (block != nullptr) core_.PrepareHitCounter(*block);
  internal::RemovedEntries removed;
  Pinned<V> found;
  {
    const std::lock_guard lock(core_.mutex());
    Entry* entry = FindEntry(key, hash);
    if (entry != nullptr && IsExpired(*entry)) {
      core_.Remove(std::exchange(entry, nullptr), RemovalReason::kExpired, removed);
    }
    if (entry != nullptr) found = PinUsed(entry, block);
    ++(found ? core_.counts.hits : core_.counts.misses);
    core_.Collect(removed);
  }
  Notify(removed);
  return found;
}

// Joining or starting is the last thing done under the mutex, and nothing after it throws.
template <class K, class V, class Keys>
typename ArcCache<K, V, Keys>::Turn ArcCache<K, V, Keys>::TakeTurn(KeyView key, uint64_t hash) {
  auto own = std::make_shared<Flight>(key);
  own->hash = hash;
  const std::lock_guard lock(core_.mutex());
  if (Entry* entry = FindEntry(key, hash); entry != nullptr) {
    return {.hit = PinUsed(entry, internal::this_thread_pin_block)};
  }
  Flight* others = flights_.Find(hash, key);
  if (others == nullptr) {
    ++core_.counts.loads;
    flights_.Add(own.get());
    return {.part = Turn::Part::kLoader, .flight = std::move(own)};
  }
  if (others->loader == own->loader) return {.part = Turn::Part::kAsksItself};
  ++core_.counts.coalesced_waits;
  ++others->waiters;
  return {.part = Turn::Part::kWaiter, .flight = others->shared_from_this()};
}

template <class K, class V, class Keys>
template <class Factory>
absl::StatusOr<Pinned<V>> ArcCache<K, V, Keys>::Load(KeyView key, std::shared_ptr<Flight> flight,
                                                     Factory& factory) {
  const uint64_t hash = flight->hash;
  internal::FlightLoader<Flights> loader(core_.mutex(), flights_, core_.counts.load_failures,
                                         std::move(flight));
  absl::StatusOr<V> made = factory();
  if (!made.ok()) {
    loader.Fail(made.status());
    return made.status();
  }
  const std::shared_ptr<Entry> entry = MakeEntry(key, hash, *std::move(made));
  internal::PinBlock* block = internal::FindOrAdoptPinBlock();
  internal::RemovedEntries removed;
  Pinned<V> pinned;
  {
    const std::lock_guard lock(core_.mutex());
    Flight& mine = loader.flight();
    pinned = mine.listed ? Keep(entry, block, removed) : HandOutUncached(entry);
    if (mine.waiters > 0) internal::AddCountedPins(*entry, mine.waiters);
    mine.result = entry.get();
    loader.Succeed();
  }
  Notify(removed);
  return pinned;
}

template <class K, class V, class Keys>
Pinned<V> ArcCache<K, V, Keys>::Put(KeyView key, V value) {
  const uint64_t hash = keys_.Hash(key);
  const std::shared_ptr<Entry> entry = MakeEntry(key, hash, std::move(value));
  internal::PinBlock* block = internal::FindOrAdoptPinBlock();
  internal::RemovedEntries removed;
  Pinned<V> pinned;
  {
    const std::lock_guard lock(core_.mutex());
    core_.ReserveOne();
    if (Flight* flight = flights_.Find(hash, key)) flights_.Remove(flight);
    if (Entry* old = FindEntry(key, hash)) core_.Remove(old, RemovalReason::kReplaced, removed);
    pinned = Keep(entry, block, removed);
  }
  Notify(removed);
  return pinned;
}

template <class K, class V, class Keys>
bool ArcCache<K, V, Keys>::Replace(KeyView key, const Pinned<V>& current, V value) {
  const uint64_t hash = keys_.Hash(key);
  const std::shared_ptr<Entry> entry = MakeEntry(key, hash, std::move(value));
  internal::RemovedEntries removed;
  {
    const std::lock_guard lock(core_.mutex());
    Entry* old = FindEntry(key, hash);
    if (old == nullptr || &old->value != current.get()) return false;
    core_.ReserveOne();
    core_.Remove(old, RemovalReason::kReplaced, removed);
    Keep(entry, nullptr, removed);
  }
  Notify(removed);
  return true;
}

template <class K, class V, class Keys>
bool ArcCache<K, V, Keys>::Invalidate(KeyView key) {
  const uint64_t hash = keys_.Hash(key);
  internal::RemovedEntries removed;
  bool was_there = false;
  {
    const std::lock_guard lock(core_.mutex());
    if (Flight* flight = flights_.Find(hash, key)) flights_.Remove(flight);
    if (Entry* entry = FindEntry(key, hash)) {
      core_.Remove(entry, RemovalReason::kInvalidated, removed);
      was_there = true;
    }
    core_.Collect(removed);
  }
  Notify(removed);
  return was_there;
}

template <class K, class V, class Keys>
void ArcCache<K, V, Keys>::Clear() {
  internal::RemovedEntries removed;
  {
    const std::lock_guard lock(core_.mutex());
    flights_.RemoveAll();
    core_.RemoveAll(removed);
    core_.CollectNow(removed);
  }
  Notify(removed);
}

template <class K, class V, class Keys>
void ArcCache<K, V, Keys>::RemoveExpired() {
  if (options_.time_to_live.count() == 0) return;
  internal::RemovedEntries removed;
  {
    const std::lock_guard lock(core_.mutex());
    core_.RemoveExpired(options_.clock(), removed);
    core_.Collect(removed);
  }
  Notify(removed);
}

template <class K, class V, class Keys>
void ArcCache<K, V, Keys>::Trim() {
  internal::RemovedEntries removed;
  const std::lock_guard lock(core_.mutex());
  core_.CollectNow(removed);
}

template <class K, class V, class Keys>
ArcCacheStats ArcCache<K, V, Keys>::Stats() const {
  const std::lock_guard lock(core_.mutex());
  return core_.Stats();
}

template <class K, class V, class Keys>
auto ArcCache<K, V, Keys>::MakeEntry(KeyView key, uint64_t hash, V&& value) const
    -> std::shared_ptr<Entry> {
  auto entry = std::make_shared<Entry>(key, std::move(value));
  entry->hash = hash;
  if (options_.weigher) {
    entry->weight = std::max<uint64_t>(1, options_.weigher(key, entry->value));
  }
  if (options_.time_to_live.count() > 0) {
    entry->expires_at_ns = options_.clock() + static_cast<uint64_t>(options_.time_to_live.count());
  }
  return entry;
}

template <class K, class V, class Keys>
void ArcCache<K, V, Keys>::Notify(internal::RemovedEntries& removed) const {
  if (!options_.on_removal) return;
  removed.Notify([this](const internal::CacheEntry& entry) {
    const auto& whole = static_cast<const Entry&>(entry);
    options_.on_removal(Keys::ViewOf(whole.key), whole.value, whole.reason);
  });
}

template <class K, class V, class Keys>
auto ArcCache<K, V, Keys>::FindEntry(KeyView key, uint64_t hash) const -> Entry* {
  return static_cast<Entry*>(core_.Find(hash, [&](const internal::CacheEntry* entry) {
    return Keys::Equal(static_cast<const Entry*>(entry)->key, key);
  }));
}

template <class K, class V, class Keys>
Pinned<V> ArcCache<K, V, Keys>::PinEntry(Entry* entry, internal::PinBlock* block) {
  const internal::PinWord* slot = core_.Pin(entry, block);
  if (slot == nullptr) return CountedGuard(*entry);
  return Pinned<V>(&entry->value, Pinned<V>::SlotPin(*slot));
}

template <class K, class V, class Keys>
Pinned<V> ArcCache<K, V, Keys>::PinUsed(Entry* entry, internal::PinBlock* block) {
  entry->MarkUsed();
  return PinEntry(entry, block);
}

template <class K, class V, class Keys>
Pinned<V> ArcCache<K, V, Keys>::Keep(const std::shared_ptr<Entry>& entry, internal::PinBlock* block,
                                     internal::RemovedEntries& removed) {
  core_.ReserveOne();
  entry->self = entry;  // nothing throws from here on
  if (!core_.Insert(entry.get(), removed)) return HandOutUncached(entry);
  Pinned<V> pinned = PinEntry(entry.get(), block);
  core_.Collect(removed);
  return pinned;
}

// Its guards alone own it.
template <class K, class V, class Keys>
Pinned<V> ArcCache<K, V, Keys>::HandOutUncached(const std::shared_ptr<Entry>& entry) {
  ++core_.counts.uncached;
  entry->self = entry;
  internal::AddCountedPins(*entry, 1);
  return CountedGuard(*entry);
}

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_H_
