// What every pool is told when it is made, and what it tells about itself afterwards.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_POOL_CONFIG_H_
#define BLIXARD_MEMORY_OPTIMIZATION_POOL_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace blixard::memory {

// What Acquire does when `max_size` objects are out.
enum class OnExhausted : uint8_t {
  kFail,  // returns nothing: `max_size` is a hard bound
  kWait,  // waits up to `wait_at_most` for one to come back, then returns nothing
  kGrow,  // builds more and keeps them, until TrimIdle(): the pool follows its load
  kHeap,  // builds more and destroys what comes back too many: never above `max_size` idle
};

// What the destructor of a pool does when objects are still out under plain guards (those in the
// owned form keep what they need alive and are no leak).
enum class OnLeak : uint8_t {
  kAbort,   // names them and aborts
  kReport,  // names them in the log, then as kAdopt
  kAdopt,   // their memory, and the pool's entry in the registry, last until they have come back
};

struct PoolConfig {
  size_t min_size = 0;     // objects built by Warm() and spared by TrimIdle()
  size_t max_size = 1024;  // objects; at least 1 and at least min_size
  // Of idle objects, without what they own on the heap (that is the reset policy's business); what
  // comes back above it is destroyed and counted as dropped.
  size_t max_retained_bytes = std::numeric_limits<size_t>::max();
  OnExhausted on_exhausted = OnExhausted::kFail;
  std::chrono::nanoseconds wait_at_most = std::chrono::milliseconds(100);  // kWait
  OnLeak on_leak = OnLeak::kAbort;
  // Every call takes the mutex and notes its call site, so that leaks and misuse are reported with
  // them (pool_checks.h). Always on in checked builds and under Valgrind and heaptrack.
  bool record_call_sites = false;
};

// A reading. With other threads at work the fields may be apart by the operations under way; with
// none they are exact, save for `peak`, which is exact while one thread uses the pool and otherwise
// an upper bound (threads are taken to have had their highest use at the same time).
struct PoolStats {
  uint64_t live = 0;                // handed out
  uint64_t idle = 0;                // kept for the next caller
  uint64_t peak = 0;                // highest `live` so far
  uint64_t acquired = 0;            // successful Acquire calls: hits + misses
  uint64_t hits = 0;                // served by an idle object
  uint64_t misses = 0;              // had to build one
  uint64_t exhausted = 0;           // refused Acquire calls
  uint64_t grown = 0;               // objects built above max_size
  uint64_t dropped = 0;             // objects destroyed on return, because enough were idle
  uint64_t returned_elsewhere = 0;  // released on another thread than the one that acquired them
  uint64_t live_bytes = 0;          // of `live`, without what objects own on the heap
  uint64_t idle_bytes = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_POOL_CONFIG_H_
