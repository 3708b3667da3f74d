// What every pool is told when it is made, and what it tells about itself afterwards.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_POOL_CONFIG_H_
#define BLIXARD_MEMORY_OPTIMIZATION_POOL_CONFIG_H_

#include <cstddef>
#include <cstdint>

namespace blixard::memory {

enum class OnExhausted : uint8_t {
  kFail,  // Acquire returns nothing: `max_size` is a hard bound on live objects
  kGrow,  // Acquire builds on the heap; `max_size` then bounds only the idle objects kept
};

struct PoolConfig {
  size_t min_size = 0;     // objects built by Warm()
  size_t max_size = 1024;  // objects; at least 1 and at least min_size
  OnExhausted on_exhausted = OnExhausted::kFail;
};

// A reading. With other threads at work the fields may be apart by the operations under way; with
// none they are exact, save for `peak`, which is exact while one thread uses the pool and otherwise
// an upper bound (threads are taken to have had their highest use at the same time).
struct PoolStats {
  uint64_t live = 0;        // handed out
  uint64_t idle = 0;        // kept for the next caller
  uint64_t peak = 0;        // highest `live` so far
  uint64_t acquired = 0;    // successful Acquire calls
  uint64_t exhausted = 0;   // refused Acquire calls
  uint64_t grown = 0;       // objects built above max_size (OnExhausted::kGrow)
  uint64_t live_bytes = 0;  // of `live`, without what objects own on the heap
  uint64_t idle_bytes = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_POOL_CONFIG_H_
