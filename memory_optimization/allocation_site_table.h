// The set of call sites, filled by all threads from inside malloc: a fixed open-addressing table in
// zero-filled memory. A slot is claimed by exchanging its hash for 0, filled, and published by
// storing its depth; it never changes again. Nobody waits: whoever meets a slot that another thread
// has claimed and not yet published (it may be gone for ever, in a child of fork) goes on to the
// next one, so a site may rarely stand in two slots. Readers of the whole table add such twins up.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SITE_TABLE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SITE_TABLE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "memory_optimization/atomics.h"

namespace blixard::memory::internal {

struct SiteTableOrders {
  static constexpr std::memory_order kPublish = std::memory_order_release;
  static constexpr std::memory_order kObserve = std::memory_order_acquire;
};

// Index 0 is no site: it stands for all that found no slot.
inline constexpr uint32_t kNoSite = 0;

// `kSlots`: a power of two. `kFrames`: return addresses a site has at most.
template <uint32_t kSlots, int kFrames, class Atomics = MachineAtomics,
          class Orders = SiteTableOrders>
class SiteTable {
 public:
  // A full neighbourhood ends the search: time inside malloc is bounded.
  static constexpr uint32_t kMaxProbes = 64;

  // The index of this site, added if need be; kNoSite when there is no room. `hash` is not 0; equal
  // hashes of different sites are told apart by their frames. 1 <= depth <= kFrames.
  uint32_t FindOrAdd(uint64_t hash, const uintptr_t* frames, int depth) {
    for (uint32_t probe = 0; probe < std::min(kMaxProbes, kSlots); ++probe) {
      const uint32_t index = static_cast<uint32_t>(hash + probe) % kSlots;
      if (index == kNoSite) continue;
      Slot& slot = slots_[index];
      uint64_t seen = slot.hash.load(std::memory_order_relaxed);
      if (seen == 0 && slot.hash.compare_exchange_strong(seen, hash, std::memory_order_relaxed,
                                                         std::memory_order_relaxed)) {
        for (int i = 0; i < depth; ++i) slot.frames[i] = frames[i];
        slot.depth.store(depth, Orders::kPublish);
        return index;
      }
      if (seen == hash && Holds(slot, frames, depth)) return index;
    }
    return kNoSite;
  }

  // Calls `take(frame)` for the frames of the site at `index`, innermost first. False: there is
  // none, or it is being added right now.
  template <class Take>
  bool Visit(uint32_t index, Take take) const {
    const Slot& slot = slots_[index];
    const int depth = slot.depth.load(Orders::kObserve);
    for (int i = 0; i < depth; ++i) take(static_cast<uintptr_t>(slot.frames[i]));
    return depth != 0;
  }

 private:
  struct Slot {
    typename Atomics::template Atomic<uint64_t> hash;
    typename Atomics::template Atomic<int> depth;
    typename Atomics::template Plain<uintptr_t> frames[kFrames];
  };

  static bool Holds(const Slot& slot, const uintptr_t* frames, int depth) {
    if (slot.depth.load(Orders::kObserve) != depth) return false;
    for (int i = 0; i < depth; ++i) {
      if (static_cast<uintptr_t>(slot.frames[i]) != frames[i]) return false;
    }
    return true;
  }

  Slot slots_[kSlots];
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SITE_TABLE_H_
