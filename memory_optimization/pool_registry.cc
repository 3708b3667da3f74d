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

void PoolRegistry::Seal(bool sealed) {
  const std::lock_guard lock(mutex_);
  is_sealed_ = sealed;
  for (PoolStatsSource* source : sources_) source->Seal(sealed);
}

size_t PoolRegistry::TrimIdle() {
  const std::lock_guard lock(mutex_);
  size_t freed = 0;
  for (PoolStatsSource* source : sources_) freed += source->TrimIdle();
  return freed;
}

void PoolRegistry::Add(PoolStatsSource* source) {
  const std::lock_guard lock(mutex_);
  sources_.push_back(source);
  if (is_sealed_) source->Seal(true);
}

void PoolRegistry::Remove(const PoolStatsSource* source) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(sources_.begin(), sources_.end(), source);
  CHECK(found != sources_.end()) << "pool \"" << source->name() << "\" was never registered";
  sources_.erase(found);
}

PoolRegistration::PoolRegistration(PoolStatsSource* source) : source_(source) {
  PoolRegistry::Global().Add(source_);
}

PoolRegistration::~PoolRegistration() { PoolRegistry::Global().Remove(source_); }

}  // namespace blixard::memory
