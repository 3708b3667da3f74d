#include "memory_optimization/arc_cache_options.h"

namespace blixard::memory {

uint64_t SteadyClockNs() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::nanoseconds(since).count());
}

}  // namespace blixard::memory
