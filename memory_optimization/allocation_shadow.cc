#include "memory_optimization/allocation_shadow.h"

#include "memory_optimization/allocation_pages.h"

namespace blixard::memory::internal {

// 32 MiB of zeros in the program's own image: address space until a leaf is hung in.
ShadowLeaf* shadow_leaves[uint64_t{1} << (kAddressBits - kLeafBits)];

ShadowLeaf* AddLeaf(ShadowLeaf*& leaf) {
  void* const pages = MapZeroedPages(sizeof(ShadowLeaf));
  if (pages == nullptr) return nullptr;
  ShadowLeaf* expected = nullptr;
  ShadowLeaf* const added = static_cast<ShadowLeaf*>(pages);
  if (std::atomic_ref(leaf).compare_exchange_strong(expected, added, std::memory_order_release,
                                                    std::memory_order_acquire)) {
    return added;
  }
  UnmapPages(pages, sizeof(ShadowLeaf));
  return expected;
}

}  // namespace blixard::memory::internal
