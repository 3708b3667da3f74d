// The pin slots of every thread. One block per running thread for all caches of the process; blocks
// are never freed but handed to the next thread, so a guard may be released anywhere and at any
// time, even after the thread that took it has ended.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_PIN_SLOTS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_PIN_SLOTS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/arc_cache_pin_protocol.h"

namespace blixard::memory::internal {

using PinWord = PinProtocol<>::Word;

// What a slot holds: the entry's address, which fits 48 bits, below the number of its cache. The
// number lets a cache count its own guards without touching what a slot points to.
inline constexpr int kAddressBits = 48;
inline constexpr uint64_t kAddressMask = (uint64_t{1} << kAddressBits) - 1;

struct alignas(64) PinBlock {
  // Guards one thread can hold at once by slots alone; more are counted in the entries.
  static constexpr size_t kSlots = 32;
  static constexpr uint32_t kFirstGroup = 16;

  std::array<PinWord, kSlots> slots = {};
  uint32_t last_used = 0;  // owner only
  // Blocks are numbered in the order of creation, and the numbers cut into groups: of kFirstGroup,
  // then twice as many each. So what is kept per block elsewhere grows without moving. Constant.
  uint32_t group = 0;
  uint32_t place_in_group = 0;
  PinBlock* next = nullptr;  // constant once published
  std::atomic<bool> owned = true;

  // Owner only. The slot to use now, or null if it is taken: then search for another. A slot once
  // seen empty stays so until its owner takes it.
  PinWord* EmptySlot() {
    PinWord* slot = &slots[last_used];
    return PinProtocol<>::IsEmpty(*slot) ? slot : nullptr;
  }
  // Owner only. Makes an empty slot the one to use now. Null: every slot is taken.
  PinWord* SearchEmptySlot();
};

// The calling thread's block, or null before its first visit and after its end has begun.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local PinBlock* this_thread_pin_block;

// Makes or adopts the calling thread's block. Null: no memory, or the thread is ending. O(threads).
PinBlock* FindOrAdoptPinBlock();

// Newest first; ends in null.
const PinBlock* FirstPinBlock();

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_PIN_SLOTS_H_
