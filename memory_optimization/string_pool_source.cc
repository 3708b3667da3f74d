#include "memory_optimization/string_pool_source.h"

namespace blixard::memory::internal {

PoolStats StringPoolSource::Stats() const {
  const StringPoolStats table = table_->Stats();
  PoolStats stats;
  stats.exhausted = table.refused;
  (texts_ == TextsAre::kLive ? stats.live : stats.idle) = table.strings;
  (texts_ == TextsAre::kLive ? stats.live_bytes : stats.idle_bytes) = table.memory_bytes;
  return stats;
}

}  // namespace blixard::memory::internal
