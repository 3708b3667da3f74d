// Tables of the tracker come straight from the kernel, never from the allocator they describe.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_PAGES_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_PAGES_H_

#include <cstddef>

namespace blixard::memory::internal {

// Zero-filled address space that takes memory page by page as it is written, in small pages; null
// when there is none. Leaves errno alone.
void* MapZeroedPages(size_t bytes);
void UnmapPages(void* pages, size_t bytes);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_PAGES_H_
