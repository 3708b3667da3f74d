// An arena under the containers of std::pmr.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARENA_RESOURCE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARENA_RESOURCE_H_

#include <cstddef>
#include <memory_resource>

#include "memory_optimization/arena.h"

namespace blixard::memory {

// What a container gives back is free again only with the arena's next Reset or Rollback, so
// reserve where the size is known. The arena must outlive the resource, and containers must be gone
// (or never be touched again) before the arena is reset. Not thread-safe, as the arena.
//
// Where the arena refuses, allocate throws std::bad_alloc: the interface has no other answer.
class ArenaResource final : public std::pmr::memory_resource {
 public:
  explicit ArenaResource(Arena& arena) : arena_(arena) {}

 private:
  void* do_allocate(size_t bytes, size_t alignment) override {
    void* const place = arena_.TryAllocate(bytes, alignment);
    if (place != nullptr) [[likely]]
      return place;
    return std::pmr::null_memory_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void*, size_t, size_t) override {}
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  Arena& arena_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARENA_RESOURCE_H_
