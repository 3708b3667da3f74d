#include "memory_optimization/allocation_pages.h"

#include <sys/mman.h>

#include <cerrno>

namespace blixard::memory::internal {

void* MapZeroedPages(size_t bytes) {
  const int saved_errno = errno;
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  const bool mapped = pages != MAP_FAILED;
  if (mapped) madvise(pages, bytes, MADV_NOHUGEPAGE);  // sparse: huge pages would fill it
  errno = saved_errno;
  return mapped ? pages : nullptr;
}

void UnmapPages(void* pages, size_t bytes) {
  const int saved_errno = errno;
  munmap(pages, bytes);
  errno = saved_errno;
}

}  // namespace blixard::memory::internal
