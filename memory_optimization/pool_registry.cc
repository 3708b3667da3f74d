#include "memory_optimization/pool_registry.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::memory {

PoolRegistry& PoolRegistry::Global() {
  static PoolRegistry& registry = *new PoolRegistry;
  return registry;
}

void PoolRegistry::ForEach(
    absl::FunctionRef<void(std::string_view name, const PoolStats&)> visit) const {
  const std::lock_guard lock(mutex_);
  for (const PoolStatsSource* source : sources_) visit(source->name(), source->Stats());
}

size_t PoolRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return sources_.size();
}

void PoolRegistry::Add(const PoolStatsSource* source) {
  const std::lock_guard lock(mutex_);
  sources_.push_back(source);
}

void PoolRegistry::Remove(const PoolStatsSource* source) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(sources_.begin(), sources_.end(), source);
  CHECK(found != sources_.end()) << "pool \"" << source->name() << "\" was never registered";
  sources_.erase(found);
}

PoolRegistration::PoolRegistration(const PoolStatsSource* source) : source_(source) {
  PoolRegistry::Global().Add(source_);
}

PoolRegistration::~PoolRegistration() { PoolRegistry::Global().Remove(source_); }

}  // namespace blixard::memory
