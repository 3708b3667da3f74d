// One object per key for as long as somebody has it: identity, not retention. The values belong to
// their users; the cache only finds them again. What it remembers of values nobody has any more is
// swept as it grows, so it holds at most twice as many keys as were alive at the last sweep.
//
// Who wants values kept takes an ArcCache (arc_cache.h).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_WEAK_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_WEAK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/arc_cache_keys.h"
#include "memory_optimization/arc_cache_single_flight.h"

namespace blixard::memory {

struct WeakCacheOptions {
  std::string name = "weak cache";
  size_t max_entries = size_t{1} << 20;  // values alive or being loaded
  std::optional<uint64_t> hash_seed = std::nullopt;
};

struct WeakCacheStats {
  uint64_t hits = 0;
  uint64_t loads = 0;
  uint64_t load_failures = 0;
  uint64_t coalesced_waits = 0;
  uint64_t refused = 0;  // at max_entries
  uint64_t entries = 0;  // remembered, alive or not
};

// Thread-safe; a hit takes the cache's mutex. Exceptions pass through and leave the cache as it
// was.
template <class K, class V, class Keys = ArcCacheKeys<K>>
class WeakCache {
 public:
  using KeyView = typename Keys::View;
  using Value = std::shared_ptr<const V>;

  explicit WeakCache(WeakCacheOptions options = {})
      : options_(std::move(options)), keys_(options_.hash_seed) {}
  WeakCache(const WeakCache&) = delete;
  WeakCache& operator=(const WeakCache&) = delete;

  // The object that somebody has for `key`, or null.
  Value Find(KeyView key);

  // The object that somebody has for `key`; if nobody has, what `factory()` returns, a V or an
  // absl::StatusOr<V>. Single flight and errors as ArcCache::GetOrCreate, and kResourceExhausted
  // when max_entries values are alive.
  template <class Factory>
  absl::StatusOr<Value> GetOrCreate(KeyView key, Factory&& factory, const LoadWait& wait = {});

  // From now on `key` means another object; who has the old one keeps it. A load under way serves
  // those who wait for it and is then forgotten. Returns whether `key` was remembered.
  bool Invalidate(KeyView key);

  WeakCacheStats Stats() const;
  const WeakCacheOptions& options() const { return options_; }

 private:
  struct Node {
    explicit Node(KeyView view) : key(view) {}
    const typename Keys::Owned key;
    std::weak_ptr<const V> value = {};
  };
  using Nodes = std::unordered_multimap<uint64_t, Node>;  // by hash
  using Flights = internal::FlightList<Value, Keys>;
  using Flight = typename Flights::Flight;
  // What a caller does next: nothing (`hit`), load, or wait for the `flight`.
  struct Turn {
    enum class Part { kHit, kLoader, kWaiter, kAsksItself, kRefused };
    Part part = Part::kHit;
    Value hit = nullptr;
    std::shared_ptr<Flight> flight = nullptr;
  };

  Turn TakeTurn(KeyView key, uint64_t hash);
  template <class Factory>
  absl::StatusOr<Value> Load(KeyView key, std::shared_ptr<Flight> flight, Factory& factory);

  // Below: the mutex is held.
  typename Nodes::iterator FindNode(KeyView key, uint64_t hash);
  Value FindAlive(KeyView key, uint64_t hash);
  bool AddNode(KeyView key, uint64_t hash);
  void Sweep();

  const WeakCacheOptions options_;
  const Keys keys_;

  mutable std::mutex mutex_;
  Nodes nodes_;
  size_t sweep_at_ = 16;
  Flights flights_;
  WeakCacheStats counts_ = {};
};

template <class K, class V, class Keys>
auto WeakCache<K, V, Keys>::FindNode(KeyView key, uint64_t hash) -> typename Nodes::iterator {
  const auto [first, last] = nodes_.equal_range(hash);
  const auto found = std::find_if(
      first, last, [&](const auto& place) { return Keys::Equal(place.second.key, key); });
  return found == last ? nodes_.end() : found;
}

template <class K, class V, class Keys>
auto WeakCache<K, V, Keys>::FindAlive(KeyView key, uint64_t hash) -> Value {
  const auto found = FindNode(key, hash);
  return found == nodes_.end() ? nullptr : found->second.value.lock();
}

template <class K, class V, class Keys>
auto WeakCache<K, V, Keys>::Find(KeyView key) -> Value {
  const uint64_t hash = keys_.Hash(key);
  const std::lock_guard lock(mutex_);
  Value value = FindAlive(key, hash);
  if (value != nullptr) ++counts_.hits;
  return value;
}

template <class K, class V, class Keys>
template <class Factory>
auto WeakCache<K, V, Keys>::GetOrCreate(KeyView key, Factory&& factory, const LoadWait& wait)
    -> absl::StatusOr<Value> {
  const uint64_t hash = keys_.Hash(key);
  if (Value value = Find(key)) return value;
  for (;;) {
    Turn turn = TakeTurn(key, hash);
    if (turn.part == Turn::Part::kHit) return std::move(turn.hit);
    if (turn.part == Turn::Part::kLoader) return Load(key, std::move(turn.flight), factory);
    if (turn.part == Turn::Part::kAsksItself) {
      return absl::FailedPreconditionError("key: want another than the one this factory loads");
    }
    if (turn.part == Turn::Part::kRefused) {
      return absl::ResourceExhaustedError(absl::StrCat(
          options_.name, ": want at most ", options_.max_entries, " values alive, got one more"));
    }
    Flight& flight = *turn.flight;
    if (absl::Status status = internal::WaitForFlight(mutex_, flight, wait); !status.ok()) {
      return status;
    }
    if (flight.phase == Flight::Phase::kLoaded) return flight.result;
    if (flight.phase == Flight::Phase::kFailed) return flight.error;
  }
}

// The node is made before the load, so that its end needs no memory and the bound holds.
template <class K, class V, class Keys>
auto WeakCache<K, V, Keys>::TakeTurn(KeyView key, uint64_t hash) -> Turn {
  auto own = std::make_shared<Flight>(key);
  own->hash = hash;
  const std::lock_guard lock(mutex_);
  if (Value value = FindAlive(key, hash)) return {.hit = std::move(value)};
  if (Flight* others = flights_.Find(hash, key)) {
    if (others->loader == own->loader) return {.part = Turn::Part::kAsksItself};
    ++counts_.coalesced_waits;
    ++others->waiters;
    return {.part = Turn::Part::kWaiter, .flight = others->shared_from_this()};
  }
  if (FindNode(key, hash) == nodes_.end() && !AddNode(key, hash)) {
    ++counts_.refused;
    return {.part = Turn::Part::kRefused};
  }
  ++counts_.loads;
  flights_.Add(own.get());
  return {.part = Turn::Part::kLoader, .flight = std::move(own)};
}

template <class K, class V, class Keys>
bool WeakCache<K, V, Keys>::AddNode(KeyView key, uint64_t hash) {
  if (nodes_.size() >= std::min(sweep_at_, options_.max_entries)) Sweep();
  if (nodes_.size() >= options_.max_entries) return false;
  nodes_.emplace(hash, key);
  return true;
}

template <class K, class V, class Keys>
void WeakCache<K, V, Keys>::Sweep() {
  std::erase_if(nodes_, [this](const auto& place) {
    const auto& [hash, node] = place;
    return node.value.expired() && flights_.Find(hash, Keys::ViewOf(node.key)) == nullptr;
  });
  sweep_at_ = std::max<size_t>(16, 2 * nodes_.size());
}

template <class K, class V, class Keys>
template <class Factory>
auto WeakCache<K, V, Keys>::Load(KeyView key, std::shared_ptr<Flight> flight, Factory& factory)
    -> absl::StatusOr<Value> {
  const uint64_t hash = flight->hash;
  internal::FlightLoader<Flights> loader(mutex_, flights_, counts_.load_failures,
                                         std::move(flight));
  absl::StatusOr<V> made = factory();
  if (!made.ok()) {
    loader.Fail(made.status());
    return made.status();
  }
  // Not make_shared: the object's memory must not wait for the last weak reference.
  Value value(std::make_unique<const V>(*std::move(made)));
  const std::lock_guard lock(mutex_);
  if (loader.flight().listed) FindNode(key, hash)->second.value = value;
  loader.flight().result = value;
  loader.Succeed();
  return value;
}

template <class K, class V, class Keys>
bool WeakCache<K, V, Keys>::Invalidate(KeyView key) {
  const uint64_t hash = keys_.Hash(key);
  const std::lock_guard lock(mutex_);
  if (Flight* flight = flights_.Find(hash, key)) flights_.Remove(flight);
  const auto found = FindNode(key, hash);
  if (found == nodes_.end()) return false;
  nodes_.erase(found);
  return true;
}

template <class K, class V, class Keys>
WeakCacheStats WeakCache<K, V, Keys>::Stats() const {
  const std::lock_guard lock(mutex_);
  WeakCacheStats stats = counts_;
  stats.entries = nodes_.size();
  return stats;
}

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_WEAK_H_
