#include "memory_optimization/arena_pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace blixard::memory::internal {
namespace {

size_t Grain(ArenaPages pages) {
  return pages == ArenaPages::kHuge ? kHugePageBytes : kArenaBlockAlignment;
}

// The kernel aligns mappings to 4 KiB: one huge page more is mapped and the rims are given back.
void* TryMapHuge(size_t bytes) {
  if (bytes > SIZE_MAX - kHugePageBytes) return nullptr;
  const size_t mapped_bytes = bytes + kHugePageBytes;
  void* mapped = mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                      /*fd=*/-1, /*offset=*/0);
  if (mapped == MAP_FAILED) return nullptr;
  char* const begin = static_cast<char*>(mapped);
  const size_t before = -reinterpret_cast<uintptr_t>(begin) % kHugePageBytes;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + bytes, kHugePageBytes - before);
  madvise(begin + before, bytes, MADV_HUGEPAGE);  // a wish: refused, the pages are ordinary ones
  return begin + before;
}

}  // namespace

size_t RoundUpToPages(ArenaPages pages, size_t bytes) {
  const size_t grain = Grain(pages);
  return bytes > SIZE_MAX - grain ? SIZE_MAX : (bytes + grain - 1) / grain * grain;
}

size_t RoundDownToPages(ArenaPages pages, size_t bytes) { return bytes - bytes % Grain(pages); }

void* TryTakePages(ArenaPages pages, size_t bytes) {
  // No object may be larger than half the address space; some allocators abort when asked.
  if (bytes > PTRDIFF_MAX) return nullptr;
  if (pages == ArenaPages::kHuge) return TryMapHuge(bytes);
  return ::operator new (bytes, std::align_val_t{kArenaBlockAlignment}, std::nothrow);
}

void GiveBackPages(ArenaPages pages, void* block, size_t bytes) {
  if (pages == ArenaPages::kHuge) {
    munmap(block, bytes);
  } else {
    ::operator delete (block, std::align_val_t{kArenaBlockAlignment});
  }
}

}  // namespace blixard::memory::internal
