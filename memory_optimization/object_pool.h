// Typed pools: objects are built once, handed out behind a guard, and kept with the capacity of
// their containers, so that steady traffic allocates nothing.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_H_

#include <cstddef>
#include <string_view>

#include "memory_optimization/call_site.h"
#include "memory_optimization/object_pool_core.h"
#include "memory_optimization/pool_config.h"
#include "memory_optimization/pooled.h"

namespace blixard::memory {

// The policy run on release, before the object waits for its next user: T::Reset() where there is
// one, else T::Clear(), else nothing. A policy of your own is a type with a static Reset(T&); it
// must leave no trace of the last user. An object whose policy throws is destroyed instead.
struct ResetOrClear {
  template <class T>
  static void Reset(T& object) noexcept(IsNoexcept<T>()) {
    if constexpr (requires { object.Reset(); }) {
      object.Reset();
    } else if constexpr (requires { object.Clear(); }) {
      object.Clear();
    }
  }

 private:
  template <class T>
  static constexpr bool IsNoexcept() {
    if constexpr (requires(T & object) { object.Reset(); }) {
      return noexcept(std::declval<T&>().Reset());
    } else if constexpr (requires(T & object) { object.Clear(); }) {
      return noexcept(std::declval<T&>().Clear());
    } else {
      return true;
    }
  }
};

// Thread-safe; objects may be released on any thread, at any time: from destructors of thread-local
// and static objects too. T is default-constructible. What becomes of objects that are out when the
// pool is destroyed says PoolConfig::on_leak. Misuse: pool_checks.h.
//
// Acquire and release on one thread are plain loads and stores, no atomic read-modify-write; at
// most kSlots + 1 objects wait with each thread, the others in a depot behind a mutex.
template <class T, class Policy = ResetOrClear>
class ObjectPool final {
 public:
  using Site = CallSite;

  explicit ObjectPool(std::string_view name, const PoolConfig& config = {})
      : core_(new Core(name, config)), key_(core_->key()) {}
  ~ObjectPool() { core_->Unref(); }
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;

  // An object in the state its policy left it in (fresh ones: default-constructed). Empty guard:
  // exhausted, see OnExhausted. Allocates only when it builds; what T's constructor or operator new
  // throws passes through, and the pool is as before.
  Pooled<T, Policy> Acquire(Site site = Site::current()) { return Pooled<T, Policy>(Take(site)); }
  // The same for a guard that may outlive the pool. Costs two atomic increments more.
  OwnedPooled<T, Policy> AcquireOwned(Site site = Site::current()) {
    return OwnedPooled<T, Policy>(Take(site), core_);
  }

  // Puts an object that was detached from this pool's guard under a guard again.
  Pooled<T, Policy> Attach(T* object) { return Pooled<T, Policy>(core_->Attach(object)); }

  // Builds objects until `min_size` exist, or as many as max_retained_bytes allows to be idle.
  void Warm(Site site = Site::current()) { core_->Warm(site); }
  // Destroys idle objects until `min_size` exist; returns how many. To be called at intervals by
  // who knows the load: the pool has no clock.
  size_t TrimIdle() { return core_->TrimIdle(); }
  // From now on, until Seal(false), growing aborts naming the call site.
  void Seal(bool sealed = true) { core_->Seal(sealed); }

  std::string_view name() const { return core_->name(); }
  const PoolConfig& config() const { return core_->config(); }
  PoolStats Stats() const { return core_->Stats(); }

 private:
  using Core = internal::ObjectPoolCore<T, Policy>;
  using Taken = typename Core::Taken;

  [[gnu::always_inline]] Taken Take(Site site) {
    const Taken taken = Core::TryAcquire(key_, site);
    if (taken.object == nullptr) [[unlikely]]
      return TakeFromDepot(site);
    return taken;
  }
  [[gnu::noinline]] Taken TakeFromDepot(Site site) { return core_->AcquireFromDepot(site); }

  Core* const core_;
  const internal::MagazineKey key_;  // a copy: one pointer less to follow
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_H_
