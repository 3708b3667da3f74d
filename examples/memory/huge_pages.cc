// A large index walked at random, on pages of 2 MiB; and what a process can give back when memory
// is short.
#include <glog/logging.h>

#include <cstdint>
#include <string>

#include "memory_optimization/arena.h"
#include "memory_optimization/object_pool.h"
#include "memory_optimization/pool_registry.h"
#include "memory_optimization/scratch.h"

using blixard::memory::Arena;
using blixard::memory::ArenaPages;
using blixard::memory::ObjectPool;
using blixard::memory::PoolRegistry;
using blixard::memory::Scratch;

int main() {
  Arena index({.name = "index", .max_retained_bytes = 0, .pages = ArenaPages::kHuge});
  uint64_t* const table = index.TryNewArray<uint64_t>(1 << 20);
  CHECK(table != nullptr) << index.Refusal(8 << 20);
  table[(1 << 20) - 1] = 7;

  ObjectPool<std::string> pool("texts", {.max_size = 100});
  { const auto text = pool.Acquire(); }
  { Scratch<std::string>()->assign(1000, 'x'); }
  CHECK_EQ(pool.Stats().idle, 1u);

  index.Reset();                     // max_retained_bytes of it stay
  Scratch<std::string>::DropIdle();  // of this thread
  CHECK_EQ(PoolRegistry::Global().TrimIdle(), 1u);
  CHECK_EQ(pool.Stats().idle, 0u);
  CHECK_EQ(index.Stats().held_bytes, 0u);
}
