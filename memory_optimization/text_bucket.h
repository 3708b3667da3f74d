// One cache line of a text table: twelve one-byte tags, compared all at once, and the twelve
// references they stand for. (The idea of probing many tags with one comparison is that of Abseil's
// "Swiss tables", Kulukundis, CppCon 2017.)
#ifndef BLIXARD_MEMORY_OPTIMIZATION_TEXT_BUCKET_H_
#define BLIXARD_MEMORY_OPTIMIZATION_TEXT_BUCKET_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "memory_optimization/atomics.h"

#if defined(__x86_64__) && !defined(BLIXARD_THREAD_SANITIZER)
#include <emmintrin.h>
#define BLIXARD_LOADS_TAGS_AT_ONCE 1
#endif

namespace blixard::memory::internal {

inline constexpr int kBucketSlots = 12;

// Tag 0 marks a free slot.
inline uint8_t TagOf(uint64_t hash) {
  const uint8_t top = static_cast<uint8_t>(hash >> 56);
  return static_cast<uint8_t>(top + (top == 0));
}

// The tags of a bucket as they are loaded: `low` holds slots 0 to 7, the lower half of `high` slots
// 8 to 11, its upper half the bucket that continues this one (0: none).
struct BucketTags {
  uint64_t low = 0;
  uint64_t high = 0;

  uint32_t next() const { return static_cast<uint32_t>(high >> 32); }

  uint8_t tag(int slot) const {
    return static_cast<uint8_t>(slot < 8 ? low >> (8 * slot) : high >> (8 * (slot - 8)));
  }

  // Bit i: slot i has this tag.
  uint32_t Match(uint8_t tag) const {
    uint32_t match = 0;
    for (int i = 0; i < kBucketSlots; ++i) match |= uint32_t{this->tag(i) == tag} << i;
    return match;
  }
};

template <class Atomics>
struct alignas(64) TextBucket {
  typename Atomics::template Atomic<uint64_t> tags_low{0};
  typename Atomics::template Atomic<uint64_t> tags_high{0};
  std::array<typename Atomics::template Atomic<uint32_t>, kBucketSlots> references{};

  BucketTags Tags(std::memory_order order) const {
    return {.low = tags_low.load(order), .high = tags_high.load(order)};
  }

  // Bit i: slot i has this tag.
  uint32_t Match(uint8_t tag, std::memory_order order) const {
#ifdef BLIXARD_LOADS_TAGS_AT_ONCE
    if constexpr (std::is_same_v<Atomics, MachineAtomics>) return MatchAtOnce(tag);
#endif
    return Tags(order).Match(tag);
  }

  // The writers' side; one thread at a time.
  void SetTag(int slot, uint8_t tag, std::memory_order order) {
    auto& word = slot < 8 ? tags_low : tags_high;
    const int shift = 8 * (slot % 8);
    const uint64_t others = word.load(std::memory_order_relaxed) & ~(uint64_t{0xFF} << shift);
    word.store(others | uint64_t{tag} << shift, order);
  }
  void SetNext(uint32_t next, std::memory_order order) {
    const uint64_t tags = tags_high.load(std::memory_order_relaxed) & 0xFFFFFFFFu;
    tags_high.store(tags | uint64_t{next} << 32, order);
  }

#ifdef BLIXARD_LOADS_TAGS_AT_ONCE
 private:
  // The same two loads, straight into a vector register: compilers take the way through the stack
  // with what they loaded atomically. A load of 8 aligned bytes is atomic, and every load acquires,
  // on x86-64 (Intel SDM volume 3, 9.1.1 and 9.2).
  uint32_t MatchAtOnce(uint8_t tag) const {
    __m128i tags;
    asm volatile(
        "movq %1, %0\n\t"
        "movhps %2, %0"
        : "=&x"(tags)
        : "m"(tags_low), "m"(tags_high)
        : "memory");
    const __m128i equal = _mm_cmpeq_epi8(tags, _mm_set1_epi8(static_cast<char>(tag)));
    return static_cast<uint32_t>(_mm_movemask_epi8(equal)) & ((1u << kBucketSlots) - 1);
  }
#endif
};
static_assert(sizeof(TextBucket<MachineAtomics>) == 64);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_TEXT_BUCKET_H_
