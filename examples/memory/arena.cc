// Everything a request needs dies with it: one Reset instead of a thousand frees, and a limit that
// no request can pass.
#include "memory_optimization/arena.h"

#include <glog/logging.h>

#include <memory_resource>
#include <string>
#include <vector>

#include "memory_optimization/arena_resource.h"

using blixard::memory::Arena;
using blixard::memory::ArenaResource;
using blixard::memory::ArenaScope;

struct Header {
  int version;
  int flags;
};

int main() {
  Arena arena({.name = "request", .max_bytes = 1 << 20});
  for (int request = 0; request < 100; ++request) {
    const Header* const header = arena.TryNew<Header>(1, request);
    CHECK(header != nullptr) << arena.Refusal(sizeof(Header));
    CHECK_EQ(header->flags, request);
    const auto name = arena.TryCopy("vm-17");
    CHECK(name == "vm-17");
    {
      const ArenaScope attempt(arena);  // what this part needed is free again at its end
      ArenaResource resource(arena);
      std::pmr::vector<std::pmr::string> words(&resource);
      words.emplace_back("a word that is too long to be stored in place");
    }
    arena.Reset();  // keeps the memory for the next request
  }
  CHECK_EQ(arena.Stats().blocks, 1u);
  CHECK(arena.TryAllocate(2 << 20) == nullptr);
  LOG(INFO) << arena.Refusal(2 << 20);
}
