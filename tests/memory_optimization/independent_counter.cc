// Counts malloc and free in a way that shares nothing with the tracker: preloaded into a program
// without the hook, it interposes the C library's own symbols and adds with locked instructions.
// What the tracker says of the same load must be equal (allocation_truth_test.cc).
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include <atomic>
#include <cerrno>

extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);
}

namespace {

std::atomic<uint64_t> allocations = 0;
std::atomic<uint64_t> frees = 0;
std::atomic<uint64_t> bytes = 0;

void* Counted(void* memory, size_t size) {
  if (memory != nullptr) {
    ++allocations;
    bytes += size;
  }
  return memory;
}

}  // namespace

extern "C" {

void IndependentCounts(uint64_t* counts) {
  counts[0] = allocations;
  counts[1] = frees;
  counts[2] = bytes;
}

void* malloc(size_t size) noexcept { return Counted(__libc_malloc(size), size); }
void* calloc(size_t count, size_t size) noexcept {
  return Counted(__libc_calloc(count, size), count * size);
}
void* realloc(void* memory, size_t size) noexcept {
  void* const moved = __libc_realloc(memory, size);
  if (moved != nullptr && memory != nullptr) ++frees;
  return Counted(moved, size);
}
void* reallocarray(void* memory, size_t count, size_t size) noexcept {
  return realloc(memory, count * size);
}
void* memalign(size_t alignment, size_t size) noexcept {
  return Counted(__libc_memalign(alignment, size), size);
}
void* aligned_alloc(size_t alignment, size_t size) noexcept { return memalign(alignment, size); }
int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) noexcept {
  if (memory != nullptr) ++frees;
  __libc_free(memory);
}

}  // extern "C"
