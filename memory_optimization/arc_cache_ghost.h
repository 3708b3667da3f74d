// Remembers the hashes of entries that were evicted not long ago: a set of 32-bit fingerprints with
// an age, in buckets of four. About as many are remembered as the cache has entries; older ones
// fade. A wrong "yes" costs nothing but a little quality of eviction.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_GHOST_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_GHOST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace blixard::memory::internal {

// Not thread-safe.
class GhostHashes {
 public:
  // Room for `hashes` hashes; what is remembered stays remembered. Strong guarantee.
  void Reserve(size_t hashes);

  // Never allocates; without room nothing is remembered.
  void Add(uint64_t hash);
  // Forgets `hash`. False: it was not there, or too old.
  bool TakeIfThere(uint64_t hash);

 private:
  static constexpr size_t kWays = 4;
  struct Ghost {
    uint32_t fingerprint = 0;  // 0: empty
    uint32_t born = 0;         // in Adds
  };

  static uint32_t Fingerprint(uint64_t hash);
  static Ghost* Bucket(std::vector<Ghost>& ghosts, uint32_t fingerprint);
  uint32_t Age(const Ghost& ghost) const { return clock_ - ghost.born; }
  Ghost& OldestOf(Ghost* bucket) const;

  std::vector<Ghost> ghosts_;  // a power of two
  uint32_t max_age_ = 0;       // in Adds
  uint32_t clock_ = 0;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_GHOST_H_
