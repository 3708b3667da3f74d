// Every named pool of the process in one place, so that metrics and the daemon's status can show
// them all without knowing any.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_POOL_REGISTRY_H_
#define BLIXARD_MEMORY_OPTIMIZATION_POOL_REGISTRY_H_

#include <cstddef>
#include <mutex>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "memory_optimization/pool_config.h"

namespace blixard::memory {

// What the registry asks of a pool. The calls come from any thread while the pool is registered.
class PoolStatsSource {
 public:
  virtual std::string_view name() const = 0;
  virtual PoolStats Stats() const = 0;
  // True: growth aborts from now on.
  virtual void Seal(bool sealed) = 0;
  // Frees idle objects above the configured minimum; returns how many.
  virtual size_t TrimIdle() = 0;

 protected:
  ~PoolStatsSource() = default;
};

// Thread-safe. Names need not be unique.
class PoolRegistry {
 public:
  // The registry of the process; never destroyed.
  static PoolRegistry& Global();

  // Calls `visit` for every registered pool, oldest first. Holds the registry's lock meanwhile, so
  // no pool dies under the visitor; the visitor must not construct or destroy pools.
  void ForEach(absl::FunctionRef<void(std::string_view name, const PoolStats&)> visit) const;

  // Seals every registered pool, and every one that comes later as soon as it is registered: after
  // start-up, with all pools warmed. Seal(false) opens them again.
  void Seal(bool sealed = true);
  // TrimIdle of every pool; returns the sum. For the owner of the process to call at intervals.
  size_t TrimIdle();

  size_t size() const;

 private:
  friend class PoolRegistration;
  void Add(PoolStatsSource* source);
  void Remove(const PoolStatsSource* source);

  mutable std::mutex mutex_;
  std::vector<PoolStatsSource*> sources_;
  bool is_sealed_ = false;
};

// Keeps `source` registered while it lives. Declare it as the last member of a pool: then the pool
// is complete whenever a visitor sees it.
class PoolRegistration {
 public:
  explicit PoolRegistration(PoolStatsSource* source);
  ~PoolRegistration();
  PoolRegistration(const PoolRegistration&) = delete;
  PoolRegistration& operator=(const PoolRegistration&) = delete;

 private:
  PoolStatsSource* source_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_POOL_REGISTRY_H_
