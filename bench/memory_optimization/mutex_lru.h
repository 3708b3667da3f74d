// The cache people write first: one std::mutex, a hash map, a list in the order of use. The peer of
// ArcCache.
#ifndef BLIXARD_BENCH_MEMORY_OPTIMIZATION_MUTEX_LRU_H_
#define BLIXARD_BENCH_MEMORY_OPTIMIZATION_MUTEX_LRU_H_

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace blixard::bench {

template <class K, class V>
class MutexLru {
 public:
  explicit MutexLru(size_t max_entries) : max_entries_(max_entries) {}

  // Shared, because the value may be evicted while the caller uses it. Null: not there.
  template <class Key>
  std::shared_ptr<const V> Find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->second;
  }

  void Put(K key, V value) {
    const std::lock_guard lock(mutex_);
    order_.emplace_front(key, std::make_shared<const V>(std::move(value)));
    const auto [place, is_new] = places_.try_emplace(std::move(key), order_.begin());
    if (!is_new) {
      order_.erase(place->second);
      place->second = order_.begin();
    }
    if (order_.size() <= max_entries_) return;
    places_.erase(order_.back().first);
    order_.pop_back();
  }

 private:
  using Order = std::list<std::pair<K, std::shared_ptr<const V>>>;

  const size_t max_entries_;
  std::mutex mutex_;
  Order order_;  // last used first
  absl::flat_hash_map<K, typename Order::iterator> places_;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_MEMORY_OPTIMIZATION_MUTEX_LRU_H_
