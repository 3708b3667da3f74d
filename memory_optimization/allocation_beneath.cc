#include "memory_optimization/allocation_beneath.h"

#include <new>

namespace blixard::memory::internal {

void* AllocateOrAskHandler(size_t size, size_t alignment) {
  void* memory = BeneathAllocate(size, alignment);
  while (memory == nullptr) {
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) return nullptr;
    handler();
    memory = BeneathAllocate(size, alignment);
  }
  return memory;
}

}  // namespace blixard::memory::internal
