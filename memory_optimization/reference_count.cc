#include "memory_optimization/reference_count.h"

#include <glog/logging.h>

namespace blixard::memory::internal {

void FailShare(uint32_t holders) {
  LOG(FATAL) << "share of a block with " << holders << " holders, want 1 to "
             << ReferenceCount<>::kMaxShares;
}

void FailDrop() { LOG(FATAL) << "drop of a block nobody holds"; }

}  // namespace blixard::memory::internal
