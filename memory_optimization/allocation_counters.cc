#include "memory_optimization/allocation_counters.h"

namespace blixard::memory::internal {

[[gnu::tls_model("initial-exec")]] constinit thread_local AllocationCounts this_thread_allocations;

}  // namespace blixard::memory::internal
