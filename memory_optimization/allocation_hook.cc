// Replaces the global operator new and delete in every form: counts for the calling thread, then
// goes to malloc and free of the process. Nothing here allocates, locks or reads the environment: a
// hook that did would call itself. Linked by --config=allocation-tracking, or as the `malloc` of
// one test.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "memory_optimization/allocation_counters.h"

namespace {

using blixard::memory::internal::this_thread_allocations;

void* TryAllocate(size_t size) {
  return std::malloc(std::max<size_t>(size, 1));  // malloc(0) may be null, operator new(0) may not
}

void* TryAllocateAligned(size_t size, size_t alignment) {
  void* memory = nullptr;
  // posix_memalign asks for no multiple of the alignment, so rounding cannot overflow.
  return posix_memalign(&memory, std::max(alignment, sizeof(void*)), std::max<size_t>(size, 1)) == 0
             ? memory
             : nullptr;
}

// What the standard asks of operator new: the handler is called until memory is found or none is
// set.
template <class Try>
void* AllocateOrNull(size_t size, Try try_allocate) {
  void* memory = try_allocate();
  while (memory == nullptr) {
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) return nullptr;
    handler();
    memory = try_allocate();
  }
  ++this_thread_allocations.allocations;
  this_thread_allocations.bytes += size;
  return memory;
}

void* AllocateOrNull(size_t size) {
  return AllocateOrNull(size, [size] { return TryAllocate(size); });
}

void* AllocateOrNull(size_t size, std::align_val_t alignment) {
  return AllocateOrNull(size,
                        [=] { return TryAllocateAligned(size, static_cast<size_t>(alignment)); });
}

void* OrThrow(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();  // the contract of operator new
  return memory;
}

// A handler may end by throwing, which the nothrow forms answer with null.
template <class... Alignment>
void* AllocateNothrow(size_t size, Alignment... alignment) noexcept {
  try {
    return AllocateOrNull(size, alignment...);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void Free(void* memory) noexcept {
  if (memory == nullptr) return;
  ++this_thread_allocations.frees;
  std::free(memory);
}

}  // namespace

void* operator new(size_t size) { return OrThrow(AllocateOrNull(size)); }
void* operator new[](size_t size) { return OrThrow(AllocateOrNull(size)); }
void* operator new(size_t size, std::align_val_t alignment) {
  return OrThrow(AllocateOrNull(size, alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return OrThrow(AllocateOrNull(size, alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return AllocateNothrow(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return AllocateNothrow(size); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return AllocateNothrow(size, alignment);
}
void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return AllocateNothrow(size, alignment);
}

void operator delete(void* memory) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t) noexcept { Free(memory); }
void operator delete[](void* memory, size_t) noexcept { Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { Free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { Free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { Free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { Free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  Free(memory);
}
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  Free(memory);
}
