// Tells the memory tools about objects that wait in a pool: to them an idle object is allocated
// memory like any other. AddressSanitizer reports every access to one at once; Valgrind's memcheck
// too, and lists objects that are out with the call that acquired them; heaptrack counts an acquire
// as an allocation and a release as a free.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_MEMORY_ANNOTATIONS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_MEMORY_ANNOTATIONS_H_

#include <cstddef>

namespace blixard::memory::internal {

// Whether a tool watches that needs to be told of every acquire and release (Valgrind, heaptrack).
bool MemoryToolWatches();

// `pool` names the pool of the object by its address, between AnnouncePool and RetirePool.
void AnnouncePool(const void* pool);
void RetirePool(const void* pool);

// The object is handed out: its bytes, as they are, may be used.
void AnnounceLive(const void* pool, void* object, size_t bytes);
// The object came back: nobody may touch it.
void AnnounceIdle(const void* pool, void* object, size_t bytes);
// For the pool's own eyes, while the object is idle.
void AllowAccess(void* object, size_t bytes);
void ForbidAccess(void* object, size_t bytes);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_MEMORY_ANNOTATIONS_H_
