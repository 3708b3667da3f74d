// What the entries of the hook lead to while it is on. For allocation_hook.cc only.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_PATHS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_PATHS_H_

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "memory_optimization/allocation_beneath.h"
#include "memory_optimization/allocation_guard.h"
#include "memory_optimization/allocation_sites.h"
#include "memory_optimization/allocation_threads.h"

namespace blixard::memory::internal {

enum class Watch : uint8_t { kCounts, kSampledSites, kAllSites };

// A block in the sample begins a page, which few others do: free need look for the notes of those
// only.
inline constexpr size_t kSampledAlignment = 4096;

// Small blocks lie 8 bytes apart; notes, of which a block needs one to itself, 16.
inline constexpr size_t kSmallestNoted = 16;

// C malloc has its error in errno, operator new throws or gives null.
inline void* OrNoMemory(void* memory) {
  if (memory == nullptr) [[unlikely]]
    errno = ENOMEM;
  return memory;
}

inline void* OrThrow(void* memory) {
  if (memory == nullptr) [[unlikely]]
    throw std::bad_alloc();  // the contract of operator new
  return memory;
}

template <Watch watch>
class AllocatingPaths {
 public:
  static void* New(size_t size) { return OrThrow(AllocateNew(size, 0, Frame())); }
  static void* NewAligned(size_t size, size_t alignment) {
    return OrThrow(AllocateNew(size, alignment, Frame()));
  }
  // A new-handler may end by throwing, which the nothrow forms answer with null.
  static void* NewNothrow(size_t size) noexcept {
    try {
      return AllocateNew(size, 0, Frame());
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  static void* NewAlignedNothrow(size_t size, size_t alignment) noexcept {
    try {
      return AllocateNew(size, alignment, Frame());
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  static void* Malloc(size_t size) noexcept {
    return OrNoMemory(Allocate({.size = size, .frame = Frame()}, BeneathAllocate));
  }
  static void* Memalign(size_t alignment, size_t size) noexcept {
    return OrNoMemory(
        Allocate({.size = size, .alignment = alignment, .frame = Frame()}, BeneathAllocate));
  }
  static void* Calloc(size_t count, size_t size) noexcept {
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) return OrNoMemory(nullptr);
    return OrNoMemory(Allocate({.size = bytes, .frame = Frame()}, BeneathAllocateZeroed));
  }
  static void* Realloc(void* memory, size_t size) noexcept {
    const AllocationRequest request = {.size = size, .frame = Frame()};
    if (memory == nullptr) return OrNoMemory(Allocate(request, BeneathAllocate));
    return OrNoMemory(Reallocate(memory, request));
  }

 private:
  [[gnu::always_inline]] static const void* Frame() { return __builtin_frame_address(0); }

  [[gnu::always_inline]] static void* AllocateNew(size_t size, size_t alignment,
                                                  const void* frame) {
    return Allocate({.size = size, .alignment = alignment, .operator_new = true, .frame = frame},
                    [](size_t bytes, size_t aligned_to) {
                      void* const memory = BeneathAllocate(bytes, aligned_to);
                      return memory != nullptr ? memory : AllocateOrAskHandler(bytes, aligned_to);
                    });
  }

  [[gnu::always_inline]] static uint64_t Threshold(const ThreadRecord& record) {
    return watch == Watch::kSampledSites ? record.next_sample : record.next_event;
  }

  // What to ask for beneath.
  [[gnu::always_inline]] static size_t Padded(size_t size) {
    return watch == Watch::kAllSites ? std::max(size, kSmallestNoted) : size;
  }

  template <class Beneath>
  [[gnu::always_inline]] static void* Allocate(const AllocationRequest& request, Beneath beneath) {
    ThreadRecord& record = *this_thread.record;
    // A size that wraps around is refused beneath.
    if (Read(record.bytes) + request.size >= Threshold(record)) [[unlikely]] {
      return AllocateWatched(request.size, request.alignment, request.operator_new, request.frame,
                             beneath);
    }
    void* const memory = beneath(Padded(request.size), request.alignment);
    if (memory == nullptr) [[unlikely]]
      return nullptr;
    Bump(record.allocations, 1);
    Bump(record.bytes, request.size);
    if constexpr (watch == Watch::kAllSites) {
      NoteBlock(record, memory, request.size, request.frame);
    }
    return memory;
  }

  // How many allocations the next one of this size stands for in the books of sites; 0: none.
  static uint64_t Weight(size_t size) {
    if constexpr (watch == Watch::kCounts) return 0;
    if constexpr (watch == Watch::kAllSites) return 1;
    return DrawSampleWeight(*this_thread.record, size);
  }

  static void Count(const AllocationRequest& request, const void* memory, uint64_t weight) {
    ThreadRecord& record = *this_thread.record;
    CountAllocation(record, request.size);
    if (weight != 0) NoteBlockSlowly(record, memory, request.size, weight, request.frame);
  }

  // The request in registers, not by reference: it would have to be in memory on the fast path too.
  template <class Beneath>
  [[gnu::noinline]] static void* AllocateWatched(size_t size, size_t alignment, bool operator_new,
                                                 const void* frame, Beneath beneath) {
    const AllocationRequest request = {
        .size = size, .alignment = alignment, .operator_new = operator_new, .frame = frame};
    if (!AdmitAllocation(request)) return nullptr;
    const uint64_t weight = Weight(request.size);
    const bool sampled = watch == Watch::kSampledSites && weight != 0;
    void* const memory =
        beneath(Padded(request.size),
                sampled ? std::max(request.alignment, kSampledAlignment) : request.alignment);
    if (memory != nullptr) Count(request, memory, weight);
    return memory;
  }

  static void* MoveToPage(void* memory, size_t size) {
    void* const moved = BeneathAllocate(size, kSampledAlignment);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, memory, std::min(size, mi_usable_size(memory)));
    BeneathFree(memory);
    return moved;
  }

  // The old block's note is taken before the block can become somebody else's.
  [[gnu::noinline]] static void* Reallocate(void* memory, const AllocationRequest& request) {
    if (!AdmitAllocation(request)) return nullptr;
    const uint64_t weight = Weight(request.size);
    const bool sampled = watch == Watch::kSampledSites && weight != 0;
    const BlockNote note = TakeNote(memory);
    void* const moved =
        sampled ? MoveToPage(memory, request.size) : mi_realloc(memory, Padded(request.size));
    if (moved == nullptr) {
      PutNoteBack(memory, note);
      return nullptr;
    }
    CountFree(*this_thread.record);
    SettleNote(*this_thread.record, note);
    Count(request, moved, weight);
    return moved;
  }
};

// Where a freed block may have a note.
enum class Notes : uint8_t { kNowhere, kOnPages, kAnywhere };

template <bool count, Notes notes>
void FreePath(void* memory) noexcept {
  if (memory == nullptr) return;
  ThreadRecord& record = *this_thread.record;
  if constexpr (count) {
    if (record.shared) [[unlikely]] {
      CountFree(RegisterThisThread());
    } else {
      Bump(record.frees, 1);
    }
  }
  if constexpr (notes == Notes::kOnPages) {
    if (reinterpret_cast<uintptr_t>(memory) % kSampledAlignment == 0) [[unlikely]] {
      SettleNote(*this_thread.record, TakeNote(memory));
    }
  }
  if constexpr (notes == Notes::kAnywhere) SettleNote(*this_thread.record, TakeNote(memory));
  BeneathFree(memory);
}

// Off, but some blocks have notes.
struct SettlingPaths {
  static void* Realloc(void* memory, size_t size) noexcept {
    const BlockNote note = memory != nullptr ? TakeNote(memory) : BlockNote{};
    void* const moved = mi_realloc(memory, size);
    if (moved == nullptr) {
      PutNoteBack(memory, note);
    } else {
      SettleNote(*this_thread.record, note);
    }
    return OrNoMemory(moved);
  }
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_PATHS_H_
