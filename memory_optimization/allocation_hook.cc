// The symbols that the hook replaces: operator new and delete in every form and C malloc with its
// kind. Each jumps through an entry of one table (allocation_entries.h) and leaves no frame of its
// own: the caller's is what the walk of the stack finds. Linked by --config=allocation-tracking, or
// as the `malloc` of one test.
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "memory_optimization/allocation_entries.h"

namespace {

using blixard::memory::internal::entries;

template <class Function, class... Arguments>
[[gnu::always_inline]] inline auto Go(
    const std::atomic<Function>& entry,
    Arguments... arguments) noexcept(noexcept(std::declval<Function>()(arguments...))) {
  return entry.load(std::memory_order_acquire)(arguments...);
}

}  // namespace

void* operator new(size_t size) { return Go(entries.operator_new, size); }
void* operator new[](size_t size) { return Go(entries.operator_new, size); }
void* operator new(size_t size, std::align_val_t alignment) {
  return Go(entries.operator_new_aligned, size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return Go(entries.operator_new_aligned, size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return Go(entries.operator_new_nothrow, size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return Go(entries.operator_new_nothrow, size);
}
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Go(entries.operator_new_aligned_nothrow, size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Go(entries.operator_new_aligned_nothrow, size, static_cast<size_t>(alignment));
}

void operator delete(void* memory) noexcept { Go(entries.free, memory); }
void operator delete[](void* memory) noexcept { Go(entries.free, memory); }
void operator delete(void* memory, size_t) noexcept { Go(entries.free, memory); }
void operator delete[](void* memory, size_t) noexcept { Go(entries.free, memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Go(entries.free, memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { Go(entries.free, memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { Go(entries.free, memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  Go(entries.free, memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { Go(entries.free, memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { Go(entries.free, memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  Go(entries.free, memory);
}
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  Go(entries.free, memory);
}

// The C library's own calls, those of getline or fopen for example, come here too.
extern "C" {

void* malloc(size_t size) noexcept { return Go(entries.c_malloc, size); }
void* calloc(size_t count, size_t size) noexcept { return Go(entries.c_calloc, count, size); }
void* realloc(void* memory, size_t size) noexcept { return Go(entries.c_realloc, memory, size); }
void free(void* memory) noexcept { Go(entries.free, memory); }
void cfree(void* memory) noexcept { Go(entries.free, memory); }

void* reallocarray(void* memory, size_t count, size_t size) noexcept {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return Go(entries.c_realloc, memory, bytes);
}

void* memalign(size_t alignment, size_t size) noexcept {
  // The C library rounds an alignment that is no power of two up; so does this.
  return Go(entries.c_memalign, std::bit_ceil(std::max<size_t>(alignment, 1)), size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  if (!std::has_single_bit(alignment)) {
    errno = EINVAL;
    return nullptr;
  }
  return Go(entries.c_memalign, alignment, size);
}

void* valloc(size_t size) noexcept {
  return Go(entries.c_memalign, static_cast<size_t>(getpagesize()), size);
}

void* pvalloc(size_t size) noexcept {
  const size_t page = static_cast<size_t>(getpagesize());
  if (size > SIZE_MAX - page) {
    errno = ENOMEM;
    return nullptr;
  }
  return Go(entries.c_memalign, page, (size + page - 1) / page * page);
}

size_t malloc_usable_size(void* memory) noexcept {
  return Go(entries.usable_size, static_cast<const void*>(memory));
}

}  // extern "C"
