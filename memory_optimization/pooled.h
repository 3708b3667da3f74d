// Guards of pooled objects (object_pool.h): they own one object and give it back when destroyed, on
// whatever thread.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_POOLED_H_
#define BLIXARD_MEMORY_OPTIMIZATION_POOLED_H_

#include <cstdint>
#include <type_traits>
#include <utility>

#include "memory_optimization/object_pool_core.h"
#include "memory_optimization/pool_checks.h"

// In checked builds what releases is a function of its own, so that its return address names who
// released.
#if BLIXARD_CHECKED_POOLS
#define BLIXARD_POOL_RELEASES [[gnu::noinline]]
#define BLIXARD_POOL_RELEASED_AT __builtin_return_address(0)
#else
// Half-inlined, the guard would have to live in memory: 1.5 ns of a pair.
#define BLIXARD_POOL_RELEASES [[gnu::always_inline]]
#define BLIXARD_POOL_RELEASED_AT nullptr
#endif

namespace blixard::memory {

struct ResetOrClear;
template <class T, class Policy>
class ObjectPool;
template <class T, class Policy>
class OwnedPooled;

// Empty when default constructed, moved from, reset, or acquired from an exhausted pool. Not
// thread-safe itself. The pool must outlive it, or adopt (OnLeak); else AcquireOwned.
template <class T, class Policy = ResetOrClear>
class [[nodiscard]] Pooled {
 public:
  Pooled() = default;
  Pooled(Pooled&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)),
        magazine_(other.magazine_),
        generation_(other.generation_) {}
  BLIXARD_POOL_RELEASES Pooled& operator=(Pooled&& other) noexcept {
    if (this != &other) {
      Release(BLIXARD_POOL_RELEASED_AT);
      object_ = std::exchange(other.object_, nullptr);
      magazine_ = other.magazine_;
      generation_ = other.generation_;
    }
    return *this;
  }
  BLIXARD_POOL_RELEASES ~Pooled() { Release(BLIXARD_POOL_RELEASED_AT); }

  T* get() const { return Verified(); }
  T* operator->() const { return Verified(); }
  T& operator*() const { return *Verified(); }
  explicit operator bool() const { return object_ != nullptr; }

  // Gives the object back now.
  BLIXARD_POOL_RELEASES void Reset() noexcept {
    Release(BLIXARD_POOL_RELEASED_AT);
    object_ = nullptr;
  }
  // Takes the object out of the guard; it stays live in its pool's books and must come back through
  // ObjectPool::Attach. For crossing an interface that carries plain pointers.
  [[nodiscard]] T* Detach() {
    T* object = std::exchange(object_, nullptr);
    if (object == nullptr) return nullptr;
    return Core::Detach(object, generation_.value()) ? object : nullptr;
  }

 private:
  friend class ObjectPool<T, Policy>;
  friend class OwnedPooled<T, Policy>;
  using Core = internal::ObjectPoolCore<T, Policy>;
  using Taken = typename Core::Taken;

  struct NoGeneration {
    static constexpr uint32_t value() { return 0; }
  };
  struct Generation {
    uint32_t value() const { return number; }
    uint32_t number = 0;
  };
  using GuardGeneration = std::conditional_t<kCheckedPools, Generation, NoGeneration>;

  explicit Pooled(Taken taken) : object_(taken.object), magazine_(taken.magazine) {
    if constexpr (kCheckedPools) {
      if (taken.object != nullptr) generation_.number = Core::GenerationOf(taken.object);
    }
  }

  void Release([[maybe_unused]] const void* at) noexcept {
    if (object_ == nullptr) return;
    if constexpr (kCheckedPools) {
      Core::ReleaseWithCare({object_, magazine_}, generation_.number, at);
    } else {
      Core::Release({object_, magazine_});
    }
  }
  T* Verified() const {
    if constexpr (kCheckedPools) {
      if (object_ != nullptr) Core::IsCurrent(object_, generation_.number);
    }
    return object_;
  }

  T* object_ = nullptr;
  internal::Magazine* magazine_ = nullptr;
  [[no_unique_address]] GuardGeneration generation_;
};

// A guard that keeps alive what its object needs: it may outlive its pool.
template <class T, class Policy = ResetOrClear>
class [[nodiscard]] OwnedPooled {
 public:
  OwnedPooled() = default;
  OwnedPooled(OwnedPooled&& other) noexcept
      : guard_(std::move(other.guard_)), core_(std::exchange(other.core_, nullptr)) {}
  OwnedPooled& operator=(OwnedPooled&& other) noexcept {
    if (this != &other) {
      Reset();
      guard_ = std::move(other.guard_);
      core_ = std::exchange(other.core_, nullptr);
    }
    return *this;
  }
  ~OwnedPooled() { Reset(); }

  T* get() const { return guard_.get(); }
  T* operator->() const { return guard_.get(); }
  T& operator*() const { return *guard_; }
  explicit operator bool() const { return static_cast<bool>(guard_); }

  // Gives the object back now; ends the pool when its owner is gone and this was the last.
  void Reset() noexcept {
    guard_.Reset();
    if (core_ != nullptr) std::exchange(core_, nullptr)->Unref();
  }

 private:
  friend class ObjectPool<T, Policy>;
  using Core = internal::ObjectPoolCore<T, Policy>;

  OwnedPooled(typename Core::Taken taken, Core* core) : guard_(taken) {
    if (taken.object == nullptr) return;
    core->Ref();
    core_ = core;
  }

  Pooled<T, Policy> guard_;
  Core* core_ = nullptr;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_POOLED_H_
