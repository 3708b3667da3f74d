// How a reader keeps an entry alive without a lock, a read-modify-write or a fence, and how the
// evictor finds out: hazard pointers (Michael, "Hazard Pointers: Safe Memory Reclamation for
// Lock-Free Objects", 2004) with the reader's fence moved to the evictor (membarrier(2), as in
// Dice, Herlihy, Kogan, "Fast Non-Intrusive Memory Reclamation for Highly-Concurrent Data
// Structures", 2016).
//
// A cell of the table names an entry; a pin slot belongs to one thread and names the entry that a
// guard of it holds. The reader announces in its slot, then looks at the cell again. The evictor
// takes the entry out of the cell, runs a barrier on every thread, then looks at the slots. Either
// the reader sees the change, or the evictor sees the slot; never neither.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_PIN_PROTOCOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_PIN_PROTOCOL_H_

#include <atomic>
#include <cstdint>

#include "memory_optimization/atomics.h"

namespace blixard::memory::internal {

template <class Atomics>
struct PinOrders {
  // A slot may have been emptied by another thread than its owner, who must have seen the end of
  // that pin before it takes the slot again.
  static constexpr std::memory_order kFindSlot = std::memory_order_acquire;
  // At least release: a slot that is taken again still carries the end of the pin before it, so an
  // evictor that reads the new name has also seen the reads made under the old one.
  static constexpr std::memory_order kAnnounce = Atomics::kAnnounce == std::memory_order_relaxed
                                                     ? std::memory_order_release
                                                     : Atomics::kAnnounce;
  static constexpr std::memory_order kLook = Atomics::kLook;
  static constexpr std::memory_order kUnpin = std::memory_order_release;
  // At least release: what hides one entry may be another one that moved into its cell.
  static constexpr std::memory_order kHide = kAnnounce;
  static constexpr std::memory_order kPublish = std::memory_order_release;
  static constexpr bool kLooksAgain = true;     // the reader, after its announcement
  static constexpr bool kBarrierStands = true;  // the evictor, before it looks at the slots
};

// Stateless. All words are Atomics::Atomic<uint64_t>; 0 is "empty" in cells and in slots.
template <class Atomics = MachineAtomics, class Orders = PinOrders<Atomics>>
struct PinProtocol {
  using Word = typename Atomics::template Atomic<uint64_t>;

  // Owner of the slot. True stays true until the owner itself pins with it.
  static bool IsEmpty(const Word& slot) { return slot.load(Orders::kFindSlot) == 0; }

  // Reader, owner of the empty `slot`: `cell` was just seen to hold `seen`, which names what `pin`
  // names. True: that entry stays until Unpin. False: the cell changed, the slot is empty again.
  static bool TryPin(Word& slot, const Word& cell, uint64_t seen, uint64_t pin) {
    slot.store(pin, Orders::kAnnounce);
    Atomics::CompilerFence();
    if (!Orders::kLooksAgain || cell.load(Orders::kLook) == seen) [[likely]] {
      return true;
    }
    Unpin(slot);
    return false;
  }

  // Whoever holds the guard, on any thread.
  static void Unpin(Word& slot) { slot.store(0, Orders::kUnpin); }

  // Writers, one at a time (the cache's mutex). Publish makes a complete entry visible; Hide puts
  // anything into the cell that no reader takes for the entry.
  static void Publish(Word& cell, uint64_t value) { cell.store(value, Orders::kPublish); }
  static void Hide(Word& cell, uint64_t value) { cell.store(value, Orders::kHide); }

  // Evictor, after all its Hides. False: nothing was ordered, so nothing may be freed.
  static bool Settle() {
    Atomics::CompilerFence();
    return !Orders::kBarrierStands || Atomics::BarrierOnEveryThread();
  }

  // Evictor, after Settle: an entry hidden before it is free of lock-free pins once no slot shows
  // it.
  static uint64_t Look(const Word& slot) { return slot.load(Orders::kLook); }
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_PIN_PROTOCOL_H_
