// The lock-free part of the pools: one thread's idle items, taken and put back with plain loads and
// stores, from which other threads may steal. No read-modify-write, no fence on the owner's side.
//
// A *hot slot* stands in front of a small stack, because taking one item and giving it back is what
// most callers do: `hot_` keeps its pointer even while the item is out, so both ways are one load,
// one compare and one increment of `word_` (odd: the hot item is here). word_ / 2 counts them.
//
// Stealing. The owner's taking side is half of Dekker's protocol: store what was taken, then look
// at `shut_`. A thief holds the depot's mutex, stores `shut_`, issues the process-wide barrier that
// pairs with the owner's missing fence, then reads `word_` and `count_`. After the barrier every
// take of the owner sees `shut_`, so what the thief reads is either the state before the one
// attempted take or after it, and the attempt learns which in Settle(), under the mutex:
//  - hot item: the thief took it if and only if it read an odd word. Only a take makes an odd word
//    even, so the attempted take counts unless the thief took the hot item.
//  - stack: the thief took items_[0, stolen_). Puts only write at or above what the thief read, so
//    those items are what they were, and the attempted take of items_[i] counts unless i < stolen_.
// Puts need no look: while shut they add items above stolen_, or make an even word odd, and both
// are still the owner's after Settle(). The slots stay shut until the owner settles, so there is no
// moment in which a stale reading could be mistaken for a fresh one, and until then thieves may
// come again for what was put meanwhile, without another barrier.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_SLOTS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_SLOTS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "memory_optimization/atomics.h"

namespace blixard::memory::internal {

// What the protocol rests on, in one place, so that a test can weaken one part and see it fail.
template <class Atomics>
struct MagazineSlotsOrders {
  static constexpr std::memory_order kPublish = std::memory_order_release;  // a put
  static constexpr std::memory_order kObserve = std::memory_order_acquire;  // a thief's reading
  static constexpr std::memory_order kTakeHot = Atomics::kAnnounce;
  // Also publishes what lies below: a thief may read the count from the attempted take itself.
  static constexpr std::memory_order kTakeStacked = Atomics::kAnnounce == std::memory_order_seq_cst
                                                        ? std::memory_order_seq_cst
                                                        : std::memory_order_release;
  static constexpr bool kBarrier = true;        // the thief's barrier
  static constexpr bool kLookAfterTake = true;  // the owner's look at `shut_`
  static constexpr bool kSettle = true;         // an attempted take learns what the thief did
  static constexpr bool kKeepStolenHot = true;  // a second thief does not forget the first
};

// `Item` is a pointer type. One thread at a time is the owner; Owner calls are for it alone.
// Settled calls hold the depot's mutex; the owner's also come after its Settle(). Thief calls hold
// the mutex.
template <class Item, uint32_t kSlots, class Atomics = MachineAtomics,
          class Orders = MagazineSlotsOrders<Atomics>>
class MagazineSlots {
 public:
  // Owner. Null: nothing here, or shut; then Settle().
  Item TryTake() {
    const uint64_t word = word_.load(std::memory_order_relaxed);
    if ((word & 1) == 0) [[unlikely]]
      return TryTakeStacked();
    word_.store(word + 1, Orders::kTakeHot);
    if (IsShut()) [[unlikely]]
      return Attempted(Attempt::kHot);
    Item item = hot_;
    if (item == nullptr) __builtin_unreachable();  // spares the caller a test
    return item;
  }

  // Owner. False: no room, or the item is here already as far as the owner can tell; then Settle().
  bool TryPut(Item item) {
    const uint64_t word = word_.load(std::memory_order_relaxed);
    if ((word & 1) != 0) [[unlikely]]
      return hot_ != item && TryPutStacked(item);
    hot_ = item;
    word_.store(word + 1, Orders::kPublish);
    return true;
  }

  // Owner, holding the mutex, first thing on every slow path. Squares the books with what thieves
  // took and opens the slots again. Returns the item of the attempted take if that take counts.
  Item Settle() {
    const Attempt attempt = std::exchange(attempt_, Attempt::kNone);
    if (shut_.load(std::memory_order_relaxed) == 0) return nullptr;
    Item item = SettleHot(attempt == Attempt::kHot);
    if (Item stacked = SettleStack(attempt == Attempt::kStacked); stacked != nullptr) {
      item = stacked;
    }
    shut_.store(0, std::memory_order_relaxed);
    return item;
  }

  // Thief. False: this kernel has no such barrier, and the slots stay open.
  bool Shut() {
    if (shut_.load(std::memory_order_relaxed) != 0) return true;
    shut_.store(1, Atomics::kAnnounce);
    if (!Orders::kBarrier || Atomics::BarrierOnEveryThread()) return true;
    shut_.store(0, std::memory_order_relaxed);
    return false;
  }

  // Thief, after Shut(). Calls `take` with up to half of the stacked items (rounded up, at most
  // `max_items`), the coldest first; with the hot one only when none is stacked. Returns how many.
  template <class Take>
  uint32_t Steal(size_t max_items, Take take) {
    const uint32_t count = count_.load(Orders::kObserve);
    const uint32_t left = count > stolen_ ? count - stolen_ : 0;
    if (left == 0) return max_items > 0 && StealHot(take) ? 1 : 0;
    const auto wanted = static_cast<uint32_t>(std::min<size_t>((left + 1) / 2, max_items));
    for (uint32_t i = 0; i < wanted; ++i) take(static_cast<Item>(items_[stolen_ + i]));
    stolen_ = stolen_ + wanted;
    LowerLowest(left - wanted);  // the owner cannot: it is shut out
    return wanted;
  }

  // Settled. Sets how many items may be stacked.
  void SetCapacity(uint32_t capacity) { capacity_ = std::min(capacity, kSlots); }
  uint32_t capacity() const { return capacity_; }

  // Settled. Whether `item` waits in the hot slot.
  template <class Pointer>
  bool HasHot(Pointer item) const {
    return (word_.load(std::memory_order_relaxed) & 1) != 0 && hot_ == item;
  }
  // Settled. Moves the hot item onto the stack, which must have room (kSlots + 1 always do).
  void StackHot() {
    const uint64_t word = word_.load(std::memory_order_relaxed);
    if ((word & 1) == 0) return;
    Push(hot_);
    word_.store(word + 1, std::memory_order_relaxed);
    not_taken_.store(not_taken_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  // Settled, hot slot empty: plain stack operations.
  void Push(Item item) {
    const uint32_t count = count_.load(std::memory_order_relaxed);
    items_[count] = item;
    count_.store(count + 1, Orders::kPublish);
  }
  // Pushes items[0] to items[count - 1], the last on top.
  void PushAll(const Item* items, uint32_t count) {
    const uint32_t stacked = count_.load(std::memory_order_relaxed);
    for (uint32_t i = 0; i < count; ++i) items_[stacked + i] = items[i];
    count_.store(stacked + count, Orders::kPublish);
  }
  Item Pop() {
    const uint32_t count = count_.load(std::memory_order_relaxed);
    if (count == 0) return nullptr;
    count_.store(count - 1, std::memory_order_relaxed);
    return items_[count - 1];
  }
  // Calls `append(first, last)` with the `count` coldest, coldest first, and forgets them.
  template <class Append>
  void TakeColdest(uint32_t count, Append append) {
    append(items_.begin(), items_.begin() + count);
    DropColdest(count, count_.load(std::memory_order_relaxed));
  }
  // The stack as it is becomes the yardstick of lowest().
  void MarkLowest() {
    lowest_.store(count_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }

  // Settled.
  uint32_t stacked() const { return count_.load(std::memory_order_relaxed); }

  // Holding the mutex, any thread; readings that may be out by the owner's operation under way.
  uint32_t idle() const {
    const bool hot = (word_.load(std::memory_order_relaxed) & 1) != 0 && !hot_stolen_;
    const uint32_t count = count_.load(std::memory_order_relaxed);
    return (count > stolen_ ? count - stolen_ : 0) + (hot ? 1 : 0);
  }
  // Fewest items stacked since MarkLowest.
  uint32_t lowest() const { return lowest_.load(std::memory_order_relaxed); }
  // Takes that succeeded here, ever.
  uint64_t taken() const {
    return word_.load(std::memory_order_relaxed) / 2 - not_taken_.load(std::memory_order_relaxed) +
           popped_.load(std::memory_order_relaxed);
  }

 private:
  enum class Attempt : uint8_t { kNone, kHot, kStacked };

  bool IsShut() const {
    Atomics::CompilerFence();
    return Orders::kLookAfterTake && shut_.load(Atomics::kLook) != 0;
  }

  Item TryTakeStacked() {
    const uint32_t count = count_.load(std::memory_order_relaxed);
    if (count == 0) return nullptr;
    count_.store(count - 1, Orders::kTakeStacked);
    if (IsShut()) [[unlikely]]
      return Attempted(Attempt::kStacked);
    LowerLowest(count - 1);
    Bump(popped_);
    return items_[count - 1];
  }

  void LowerLowest(uint32_t count) {
    if (count < lowest_.load(std::memory_order_relaxed)) {
      lowest_.store(count, std::memory_order_relaxed);
    }
  }

  bool TryPutStacked(Item item) {
    const uint32_t count = count_.load(std::memory_order_relaxed);
    if (count >= capacity_) return false;
    items_[count] = item;
    count_.store(count + 1, Orders::kPublish);
    return true;
  }

  Item Attempted(Attempt attempt) {
    attempt_ = attempt;
    return nullptr;
  }

  Item SettleHot(bool attempted) {
    const uint64_t word = word_.load(std::memory_order_relaxed);
    const bool stolen = Orders::kSettle && std::exchange(hot_stolen_, false);
    if (!stolen) return attempted ? static_cast<Item>(hot_) : nullptr;
    if (!attempted) word_.store(word + 1, std::memory_order_relaxed);
    Bump(not_taken_);  // a step of word_ that was no take
    return nullptr;
  }

  // An attempted take has left its item at items_[count_].
  Item SettleStack(bool attempted) {
    const uint32_t count = count_.load(std::memory_order_relaxed);
    const uint32_t stolen = Orders::kSettle ? std::exchange(stolen_, 0) : 0;
    Item item = nullptr;
    if (attempted && count >= stolen) {
      item = items_[count];
      Bump(popped_);
    }
    DropColdest(std::min(stolen, count), count);
    return item;
  }

  template <class Take>
  bool StealHot(Take take) {
    if (Orders::kKeepStolenHot && hot_stolen_) return false;
    if ((word_.load(Orders::kObserve) & 1) == 0) return false;
    hot_stolen_ = true;
    take(static_cast<Item>(hot_));
    return true;
  }

  void DropColdest(uint32_t dropped, uint32_t count) {
    if (dropped == 0) return;
    for (uint32_t i = dropped; i < count; ++i) items_[i - dropped] = static_cast<Item>(items_[i]);
    count_.store(count - dropped, std::memory_order_relaxed);
  }

  static void Bump(typename Atomics::template Atomic<uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  // Words of their own: a load next to a byte just stored waits for the store (3 ns a round
  // measured).
  typename Atomics::template Plain<Item> hot_{
      nullptr};  // rewritten by the owner while word_ is even
  typename Atomics::template Atomic<uint64_t> word_{0};
  typename Atomics::template Atomic<uint64_t> shut_{0};
  typename Atomics::template Atomic<uint32_t> count_{0};
  uint32_t capacity_ = 0;  // constant while there is an owner
  typename Atomics::template Atomic<uint32_t> lowest_{0};
  Attempt attempt_ = Attempt::kNone;  // the owner's
  // Under the mutex: what thieves took since the slots were shut.
  typename Atomics::template Plain<bool> hot_stolen_{false};
  typename Atomics::template Plain<uint32_t> stolen_{0};

  typename Atomics::template Atomic<uint64_t> popped_{0};  // takes from the stack
  typename Atomics::template Atomic<uint64_t> not_taken_{
      0};  // pairs of steps of word_ without a take
  // One more than can be stacked: StackHot.
  std::array<typename Atomics::template Plain<Item>, kSlots + 1> items_{};
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_SLOTS_H_
