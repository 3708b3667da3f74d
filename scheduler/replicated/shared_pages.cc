#include "scheduler/replicated/shared_pages.h"

#include "memory_optimization/no_destructor.h"

namespace blixard::scheduler {

memory::BufferPool& SharedPagePool() {
  static memory::NoDestructor<memory::BufferPool> pool(
      memory::BufferPoolOptions{.name = "state_page", .max_block_bytes = kSharedPageBytes});
  return *pool;
}

}  // namespace blixard::scheduler
