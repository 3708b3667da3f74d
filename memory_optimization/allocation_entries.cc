// Where the entries lead: switched off, to the allocator beneath itself, so that a hooked program
// that does not count costs what an unhooked one does; switched on, to a function of
// allocation_paths.h.
#include "memory_optimization/allocation_entries.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <new>

#include "memory_optimization/allocation_beneath.h"
#include "memory_optimization/allocation_paths.h"

namespace blixard::memory::internal {
namespace {

// mimalloc's own mi_new ends the process instead of throwing when it was built as C, as Debian's
// is.
struct OffPaths {
  static void* New(size_t size) { return NewAligned(size, 0); }
  static void* NewAligned(size_t size, size_t alignment) {
    void* const memory = BeneathAllocate(size, alignment);
    if (memory != nullptr) [[likely]]
      return memory;
    return OrThrow(AllocateOrAskHandler(size, alignment));
  }
  static void* NewNothrow(size_t size) noexcept { return NewAlignedNothrow(size, 0); }
  static void* NewAlignedNothrow(size_t size, size_t alignment) noexcept {
    try {
      return AllocateOrAskHandler(size, alignment);
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  static void* Memalign(size_t alignment, size_t size) noexcept {
    return OrNoMemory(mi_malloc_aligned(size, alignment));
  }
  static constexpr auto Malloc = mi_malloc;
  static constexpr auto Calloc = mi_calloc;
  static constexpr auto Realloc = mi_realloc;
};

using Counting = AllocatingPaths<Watch::kCounts>;

// Counting from the first allocation of the process on.
}  // namespace

constinit AllocationEntries entries = {.operator_new = Counting::New,
                                       .operator_new_nothrow = Counting::NewNothrow,
                                       .operator_new_aligned = Counting::NewAligned,
                                       .operator_new_aligned_nothrow = Counting::NewAlignedNothrow,
                                       .c_malloc = Counting::Malloc,
                                       .c_calloc = Counting::Calloc,
                                       .c_memalign = Counting::Memalign,
                                       .c_realloc = Counting::Realloc,
                                       .free = FreePath<true, Notes::kNowhere>,
                                       .usable_size = mi_usable_size};

namespace {

template <class Entry, class Function>
void Lead(Entry& entry, Function to) {
  entry.store(to, std::memory_order_release);
}

template <class Paths>
void LeadAllocationsTo() {
  Lead(entries.operator_new, Paths::New);
  Lead(entries.operator_new_nothrow, Paths::NewNothrow);
  Lead(entries.operator_new_aligned, Paths::NewAligned);
  Lead(entries.operator_new_aligned_nothrow, Paths::NewAlignedNothrow);
  Lead(entries.c_memalign, Paths::Memalign);
  Lead(entries.c_malloc, Paths::Malloc);
  Lead(entries.c_calloc, Paths::Calloc);
  Lead(entries.c_realloc, Paths::Realloc);
}

template <bool count>
void LeadFreesTo(Notes notes) {
  switch (notes) {
    case Notes::kNowhere:
      return Lead(entries.free, FreePath<count, Notes::kNowhere>);
    case Notes::kOnPages:
      return Lead(entries.free, FreePath<count, Notes::kOnPages>);
    case Notes::kAnywhere:
      return Lead(entries.free, FreePath<count, Notes::kAnywhere>);
  }
}

// Where any block of the process may have a note by now.
constinit Notes notes_so_far = Notes::kNowhere;

void SwitchOff() {
  LeadAllocationsTo<OffPaths>();
  if (notes_so_far == Notes::kNowhere) {
    Lead(entries.free, mi_free);
  } else {
    Lead(entries.c_realloc, SettlingPaths::Realloc);
    LeadFreesTo<false>(notes_so_far);
  }
}

}  // namespace

// Frees learn to look for notes before any allocation can write one: a block that is handed to
// another thread takes this order along.
void SwitchAllocationEntries(AllocationTracking tracking) {
  switch (tracking) {
    case AllocationTracking::kOff:
      return SwitchOff();
    case AllocationTracking::kCounts:
      LeadFreesTo<true>(notes_so_far);
      return LeadAllocationsTo<AllocatingPaths<Watch::kCounts>>();
    case AllocationTracking::kSampledSites:
      notes_so_far = std::max(notes_so_far, Notes::kOnPages);
      LeadFreesTo<true>(notes_so_far);
      return LeadAllocationsTo<AllocatingPaths<Watch::kSampledSites>>();
    case AllocationTracking::kAllSites:
      notes_so_far = Notes::kAnywhere;
      LeadFreesTo<true>(notes_so_far);
      return LeadAllocationsTo<AllocatingPaths<Watch::kAllSites>>();
  }
}

}  // namespace blixard::memory::internal
