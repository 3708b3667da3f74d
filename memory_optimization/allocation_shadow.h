// A note beside every block, found by its address and kept apart from it: nothing is added to a
// block, its alignment and usable size stay as they are, blocks from before the tracking began
// simply have none, and a stray write of the program cannot damage it. One note per 16 bytes of
// address space, in leaves of 32 MiB that cover 32 MiB each; only pages with notes in them take
// memory. (The idea of shadow memory: Nethercote and Seward, "How to Shadow Every Byte of Memory
// Used by a Program", 2007.)
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SHADOW_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SHADOW_H_

#include <atomic>
#include <cstdint>

#include "memory_optimization/allocation_threads.h"

namespace blixard::memory::internal {

// What the note of a block says, in two words.
class BlockNote {
 public:
  static constexpr uint64_t kMaxWeight = (uint64_t{1} << kWeightBits) - 1;

  struct Parts {
    uint64_t size = 0;         // bytes asked for
    uint64_t site = 0;         // index in the table of sites, below 2^16
    uint64_t owner_tag = 0;    // of the record that allocated it, and its weight
    uint64_t allocations = 0;  // of that record by then, this one counted
  };

  constexpr BlockNote() = default;
  [[gnu::always_inline]] explicit BlockNote(const Parts& parts)
      : size_and_site_(parts.size << kSiteBits | parts.site),
        birth_and_owner_(parts.allocations << kOwnerBits | parts.owner_tag) {}

  // No note: no block of weight 0 is noted.
  bool empty() const { return birth_and_owner_ == 0; }
  uint64_t size() const { return size_and_site_ >> kSiteBits; }
  uint32_t site() const { return static_cast<uint32_t>(size_and_site_) % (1u << kSiteBits); }
  uint64_t owner_tag() const { return birth_and_owner_ % (uint64_t{1} << kOwnerBits); }
  uint64_t weight() const { return birth_and_owner_ & kMaxWeight; }
  // Allocations that its thread, which has made `allocations` by now, made since; modulo 2^31.
  uint64_t Since(uint64_t allocations) const {
    return ((allocations << kOwnerBits) - (birth_and_owner_ - owner_tag())) >> kOwnerBits;
  }

 private:
  friend class NoteSlot;
  static constexpr int kSiteBits = 16;

  uint64_t size_and_site_ = 0;
  uint64_t birth_and_owner_ = 0;
};

// Where it is kept. Whoever owns the block owns the slot: malloc's caller writes it, free's clears
// it, and handing the block over orders the two. Two atomic words, because the note of a
// short-lived block is read back from the store buffer, which cannot join words: one load of both
// costs 15 cycles there.
class NoteSlot {
 public:
  [[gnu::always_inline]] void Put(const BlockNote& note) {
    size_and_site_.store(note.size_and_site_, std::memory_order_relaxed);
    birth_and_owner_.store(note.birth_and_owner_, std::memory_order_relaxed);
  }
  // Leaves no note.
  [[gnu::always_inline]] BlockNote Take() {
    BlockNote note;
    note.birth_and_owner_ = birth_and_owner_.load(std::memory_order_relaxed);
    if (note.empty()) return note;
    note.size_and_site_ = size_and_site_.load(std::memory_order_relaxed);
    birth_and_owner_.store(0, std::memory_order_relaxed);
    return note;
  }

 private:
  std::atomic<uint64_t> size_and_site_;
  std::atomic<uint64_t> birth_and_owner_;
};
static_assert(sizeof(NoteSlot) == 16);

inline constexpr int kLeafBits = 25;
inline constexpr int kAddressBits = 47;  // of user space on x86-64
inline constexpr uint64_t kLeafBytes = uint64_t{1} << kLeafBits;

struct ShadowLeaf {
  NoteSlot notes[kLeafBytes / sizeof(NoteSlot)];
};

// Pointers that are used as atomics, rather than four million atomics for a constructor to visit.
extern ShadowLeaf* shadow_leaves[uint64_t{1} << (kAddressBits - kLeafBits)];

// Maps the leaf of an address; null when the kernel refuses. Lock-free: of two threads at once, one
// throws its mapping away.
ShadowLeaf* AddLeaf(ShadowLeaf*& leaf);

// x86-64 gives programs addresses below 2^47 unless they ask for more, which the allocator beneath
// does not.
inline uint64_t LeafIndex(const void* block) {
  return reinterpret_cast<uintptr_t>(block) << (64 - kAddressBits) >>
         (64 - kAddressBits + kLeafBits);
}

// The note of a block; null when no block near it was ever noted.
[[gnu::always_inline]] inline NoteSlot* FindNote(const void* block) {
  ShadowLeaf* const leaf =
      std::atomic_ref(shadow_leaves[LeafIndex(block)]).load(std::memory_order_acquire);
  if (leaf == nullptr) [[unlikely]]
    return nullptr;
  return &leaf->notes[reinterpret_cast<uintptr_t>(block) % kLeafBytes / sizeof(NoteSlot)];
}

// The same, with the place for it made; null when the kernel has no memory for it.
[[gnu::always_inline]] inline NoteSlot* FindOrAddNote(const void* block) {
  NoteSlot* const note = FindNote(block);
  if (note != nullptr) [[likely]]
    return note;
  return AddLeaf(shadow_leaves[LeafIndex(block)]) != nullptr ? FindNote(block) : nullptr;
}

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SHADOW_H_
