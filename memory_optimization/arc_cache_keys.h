// How an ArcCache looks at its keys: what a lookup is made with, what an entry keeps, the hash.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_KEYS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/arc_cache_text.h"

namespace blixard::memory {

// Any key that absl::Hash knows. To look up by another type, write a class like these two and give
// it to the cache: View, by which keys are asked for; Owned, made from a View on a miss only; Hash,
// all 64 bits well mixed. Hash and Equal must not throw; Equal runs under the cache's lock too.
template <class K>
struct ArcCacheKeys {
  using View = const K&;
  using Owned = K;

  explicit ArcCacheKeys(std::optional<uint64_t> /*seed*/) {}
  uint64_t Hash(const K& key) const { return absl::Hash<K>()(key); }
  static bool Equal(const K& owned, const K& key) { return owned == key; }
  static const K& ViewOf(const K& owned) { return owned; }
};

// Text is looked up by view: a hit allocates nothing. Untrusted keys cannot be chosen to collide.
template <>
struct ArcCacheKeys<std::string> {
  using View = absl::string_view;
  using Owned = internal::EntryText;

  explicit ArcCacheKeys(std::optional<uint64_t> seed) : hash_(seed) {}
  uint64_t Hash(absl::string_view key) const { return hash_(key); }
  static bool Equal(const Owned& owned, absl::string_view key) { return owned.Equals(key); }
  static absl::string_view ViewOf(const Owned& owned) { return owned.view(); }

 private:
  internal::KeyTextHash hash_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_KEYS_H_
