#include "memory_optimization/memory_annotations.h"

#include <dlfcn.h>
#include <valgrind/memcheck.h>

#include "memory_optimization/sanitizers.h"

#ifdef BLIXARD_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace blixard::memory::internal {
namespace {

// heaptrack preloads these names; heaptrack_api.h itself cannot be used from an executable without
// defining a non-inline function.
struct Heaptrack {
  Heaptrack()
      : malloc(reinterpret_cast<decltype(malloc)>(dlsym(RTLD_DEFAULT, "heaptrack_malloc"))),
        free(reinterpret_cast<decltype(free)>(dlsym(RTLD_DEFAULT, "heaptrack_free"))) {}

  void (*malloc)(void*, size_t);
  void (*free)(void*);
};

const Heaptrack& TheHeaptrack() {
  static const Heaptrack heaptrack;
  return heaptrack;
}

}  // namespace

bool MemoryToolWatches() {
  static const bool watches = RUNNING_ON_VALGRIND != 0 || TheHeaptrack().malloc != nullptr;
  return watches;
}

void AnnouncePool(const void* pool) { VALGRIND_CREATE_MEMPOOL(pool, 0, 1); }

void RetirePool(const void* pool) { VALGRIND_DESTROY_MEMPOOL(pool); }

void AnnounceLive(const void* pool, void* object, size_t bytes) {
  VALGRIND_MEMPOOL_ALLOC(pool, object, bytes);
  AllowAccess(object, bytes);
  if (TheHeaptrack().malloc != nullptr) TheHeaptrack().malloc(object, bytes);
}

void AnnounceIdle(const void* pool, void* object, size_t bytes) {
  if (TheHeaptrack().free != nullptr) TheHeaptrack().free(object);
  VALGRIND_MEMPOOL_FREE(pool, object);
  ForbidAccess(object, bytes);
}

void AllowAccess([[maybe_unused]] void* object, [[maybe_unused]] size_t bytes) {
#ifdef BLIXARD_ADDRESS_SANITIZER
  ASAN_UNPOISON_MEMORY_REGION(object, bytes);
#endif
  VALGRIND_MAKE_MEM_DEFINED(object, bytes);
}

void ForbidAccess([[maybe_unused]] void* object, [[maybe_unused]] size_t bytes) {
#ifdef BLIXARD_ADDRESS_SANITIZER
  ASAN_POISON_MEMORY_REGION(object, bytes);
#endif
  VALGRIND_MAKE_MEM_NOACCESS(object, bytes);
}

}  // namespace blixard::memory::internal
