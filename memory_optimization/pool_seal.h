// After start-up a pool may be sealed: from then on an object it would have to build is a bug in
// the declared limits, and aborts the process with the call site that asked for it.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_POOL_SEAL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_POOL_SEAL_H_

#include <glog/logging.h>

#include <atomic>
#include <string_view>

#include "memory_optimization/call_site.h"

namespace blixard::memory {

// Thread-safe.
class PoolSeal {
 public:
  void Set(bool sealed) { sealed_.store(sealed, std::memory_order_relaxed); }
  bool is_set() const { return sealed_.load(std::memory_order_relaxed); }

  void CheckMayGrow(std::string_view pool, CallSite site) const {
    CHECK(!is_set()) << "pool \"" << pool << "\" is sealed and would grow: no idle object for "
                     << site.file_name() << ":" << site.line() << " (" << site.function_name()
                     << "); raise min_size or the limits it is added up from";
  }

 private:
  std::atomic<bool> sealed_ = false;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_POOL_SEAL_H_
