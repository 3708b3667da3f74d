#include "memory_optimization/arena_resource.h"

#include <gtest/gtest.h>

#include <memory_resource>
#include <new>
#include <string>
#include <vector>

namespace blixard::memory {
namespace {

TEST(ArenaResourceTest, ContainersLiveInTheArena) {
  Arena arena;
  ArenaResource resource(arena);
  {
    std::pmr::vector<std::pmr::string> names(&resource);
    for (int i = 0; i < 100; ++i) names.emplace_back("a name too long to be stored in place");
    EXPECT_EQ(names[99], "a name too long to be stored in place");
    EXPECT_EQ(names[99].get_allocator().resource(), &resource);
    EXPECT_GT(arena.Stats().used_bytes, 100 * sizeof(std::pmr::string));
  }
  arena.Reset();
  EXPECT_EQ(arena.Stats().used_bytes, 0u);
}

TEST(ArenaResourceTest, RefusalIsBadAllocAndHarmsNothing) {
  Arena arena({.block_bytes = 256, .max_bytes = 1024});
  ArenaResource resource(arena);
  std::pmr::vector<int> numbers(&resource);
  numbers.assign(10, 7);
  EXPECT_THROW(numbers.resize(100'000), std::bad_alloc);
  EXPECT_EQ(numbers, std::pmr::vector<int>(10, 7));
  numbers.push_back(8);
  EXPECT_EQ(numbers.size(), 11u);
}

TEST(ArenaResourceTest, IsEqualToItselfOnly) {
  Arena arena;
  ArenaResource one(arena);
  ArenaResource other(arena);
  EXPECT_EQ(one, one);
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace blixard::memory
