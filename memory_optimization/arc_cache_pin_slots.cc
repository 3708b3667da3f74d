#include "memory_optimization/arc_cache_pin_slots.h"

#include <new>

namespace blixard::memory::internal {

[[gnu::tls_model("initial-exec")]] constinit thread_local PinBlock* this_thread_pin_block = nullptr;

namespace {

constinit std::atomic<PinBlock*> first_block = nullptr;
constinit thread_local bool this_thread_has_left = false;

// Gives the block to the next thread that asks. Slots of guards that are still out stay taken.
struct Janitor {
  ~Janitor() {
    PinBlock* block = this_thread_pin_block;
    this_thread_has_left = true;
    this_thread_pin_block = nullptr;
    if (block != nullptr) block->owned.store(false, std::memory_order_release);
  }
  bool armed = false;
};

PinBlock* Adopt() {
  for (PinBlock* block = first_block.load(std::memory_order_acquire); block != nullptr;
       block = block->next) {
    bool owned = false;
    if (!block->owned.load(std::memory_order_relaxed) &&
        block->owned.compare_exchange_strong(owned, true, std::memory_order_acquire)) {
      return block;
    }
  }
  return nullptr;
}

void Number(PinBlock& block, const PinBlock* before) {
  block.group = before == nullptr ? 0 : before->group;
  block.place_in_group = before == nullptr ? 0 : before->place_in_group + 1;
  if (block.place_in_group < PinBlock::kFirstGroup << block.group) return;
  ++block.group;
  block.place_in_group = 0;
}

PinBlock* Create() {
  PinBlock* block = new (std::nothrow) PinBlock;
  if (block == nullptr) return nullptr;
  PinBlock* first = first_block.load(std::memory_order_acquire);
  do {
    block->next = first;
    Number(*block, first);
  } while (!first_block.compare_exchange_weak(first, block, std::memory_order_seq_cst,
                                              std::memory_order_acquire));
  return block;
}

}  // namespace

PinWord* PinBlock::SearchEmptySlot() {
  for (uint32_t step = 0; step < kSlots; ++step) {
    const uint32_t candidate = (last_used + step) % kSlots;
    if (!PinProtocol<>::IsEmpty(slots[candidate])) continue;
    last_used = candidate;
    return &slots[candidate];
  }
  return nullptr;
}

PinBlock* FindOrAdoptPinBlock() {
  if (this_thread_pin_block != nullptr || this_thread_has_left) return this_thread_pin_block;
  thread_local Janitor janitor;
  janitor.armed = true;
  PinBlock* block = Adopt();
  this_thread_pin_block = block != nullptr ? block : Create();
  return this_thread_pin_block;
}

const PinBlock* FirstPinBlock() { return first_block.load(std::memory_order_seq_cst); }

}  // namespace blixard::memory::internal
