// Typed pools: objects are built once, handed out behind a guard, and kept with the capacity of
// their containers, so that steady traffic allocates nothing.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_H_

#include <glog/logging.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "memory_optimization/magazine_depot.h"
#include "memory_optimization/pool_config.h"
#include "memory_optimization/pool_registry.h"

namespace blixard::memory {

// The policy run on release, before the object waits for its next user: T::Reset() where there is
// one, else T::Clear(), else nothing. A policy of your own is a type with a static Reset(T&); it
// must leave no trace of the last user.
struct ResetOrClear {
  template <class T>
  static void Reset(T& object) {
    if constexpr (requires { object.Reset(); }) {
      object.Reset();
    } else if constexpr (requires { object.Clear(); }) {
      object.Clear();
    }
  }
};

template <class T, class Policy>
class ObjectPool;

// Owns one object of a pool and gives it back when destroyed, on whatever thread. Empty when
// default constructed, moved from, reset, or acquired from an exhausted pool. The pool must outlive
// it.
template <class T, class Policy = ResetOrClear>
class [[nodiscard]] Pooled {
 public:
  Pooled() = default;
  Pooled(Pooled&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Pooled& operator=(Pooled&& other) noexcept {
    if (this != &other) {
      Reset();
      object_ = std::exchange(other.object_, nullptr);
    }
    return *this;
  }
  ~Pooled() { Reset(); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

  // Gives the object back now.
  void Reset() {
    if (object_ != nullptr) ObjectPool<T, Policy>::Release(std::exchange(object_, nullptr));
  }
  // Takes the object out of the guard; it stays live in its pool's books and must come back through
  // ObjectPool::Attach. For crossing an interface that carries plain pointers.
  [[nodiscard]] T* Detach() {
    if (object_ != nullptr) ObjectPool<T, Policy>::MarkDetached(object_);
    return std::exchange(object_, nullptr);
  }

 private:
  friend class ObjectPool<T, Policy>;
  explicit Pooled(T* object) : object_(object) {}

  T* object_ = nullptr;
};

// Thread-safe; objects may be released on any thread. T is default-constructible. Destroying a pool
// whose objects are out is a broken invariant (CHECK), as is giving back an object twice or to a
// pool it did not come from.
template <class T, class Policy = ResetOrClear>
class ObjectPool final : public PoolStatsSource {
 public:
  explicit ObjectPool(std::string_view name, const PoolConfig& config = {})
      : name_(name), config_(Checked(name, config)), depot_(DepotOptions(config)) {}
  ~ObjectPool() {
    const PoolStats stats = depot_.Stats();
    CHECK_EQ(stats.live, 0u) << "object pool \"" << name_ << "\" destroyed with " << stats.live
                             << " objects out";
  }
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;

  // An object in the state its policy left it in (fresh ones: default-constructed). Empty guard:
  // `max_size` objects are live and the pool may not grow. Allocates only when it builds.
  Pooled<T, Policy> Acquire() {
    const MagazineDepot::Grant grant = depot_.Take();
    T* object = static_cast<T*>(grant.item);
    if (object == nullptr) [[unlikely]] {
      if (!grant.may_build) return {};
      object = Build();
    }
    HeaderOf(object)->state = State::kGuarded;
    return Pooled<T, Policy>(object);
  }

  // Puts an object that was detached from this pool's guard under a guard again.
  Pooled<T, Policy> Attach(T* object) {
    CHECK(object != nullptr) << "object pool \"" << name_ << "\": attach of nullptr";
    Header* header = HeaderOf(object);
    CHECK(header->pool == this) << "object pool \"" << name_ << "\": attach of a foreign object";
    CHECK(header->state == State::kDetached)
        << "object pool \"" << name_ << "\": attach of an object that is not detached (given back "
        << "twice?), state " << static_cast<uint64_t>(header->state);
    header->state = State::kGuarded;
    return Pooled<T, Policy>(object);
  }

  // Builds objects until `min_size` exist.
  void Warm() {
    while (depot_.CountItems() < config_.min_size) {
      T* object = Build();
      if (!depot_.AddIdle(object, config_.min_size)) Dispose(object, this);
    }
  }

  std::string_view name() const override { return name_; }
  const PoolConfig& config() const { return config_; }
  PoolStats Stats() const override {
    PoolStats stats = depot_.Stats();
    stats.live_bytes = stats.live * (kOffset + sizeof(T));
    stats.idle_bytes = stats.idle * (kOffset + sizeof(T));
    return stats;
  }

 private:
  friend class Pooled<T, Policy>;

  // Odd values, so that stray memory is not taken for a header.
  enum class State : uint64_t {
    kIdle = 0x626c69785f69646cu,
    kGuarded = 0x626c69785f677264u,
    kDetached = 0x626c69785f646574u,
  };
  // Stands right in front of every object.
  struct Header {
    ObjectPool* pool;
    State state;
  };
  static constexpr size_t kAlignment = std::max(alignof(T), alignof(std::max_align_t));
  static constexpr size_t kOffset = std::max(sizeof(Header), kAlignment);

  static Header* HeaderOf(T* object) { return reinterpret_cast<Header*>(object) - 1; }

  static const PoolConfig& Checked(std::string_view name, const PoolConfig& config) {
    CHECK_GE(config.max_size, 1u) << "object pool \"" << name << "\": max_size";
    CHECK_LE(config.min_size, config.max_size) << "object pool \"" << name << "\": min_size";
    return config;
  }
  MagazineDepotOptions DepotOptions(const PoolConfig& config) {
    return {.max_items = config.max_size,
            .on_exhausted = config.on_exhausted,
            .max_idle = config.on_exhausted == OnExhausted::kGrow
                            ? config.max_size
                            : MagazineDepotOptions::kUnbounded,
            .dispose = &Dispose,
            .context = this};
  }

  T* Build() {
    void* memory = ::operator new (kOffset + sizeof(T), std::align_val_t{kAlignment});
    T* object = new (static_cast<char*>(memory) + kOffset) T();
    new (HeaderOf(object)) Header{.pool = this, .state = State::kIdle};
    return object;
  }
  static void Dispose(void* item, void* /*pool*/) {
    T* object = static_cast<T*>(item);
    object->~T();
    ::operator delete (reinterpret_cast<char*>(object) - kOffset, std::align_val_t{kAlignment});
  }

  static void Release(T* object) {
    Header* header = HeaderOf(object);
    CHECK(header->state == State::kGuarded) << "object pool \"" << header->pool->name_
                                            << "\": release of an object that is not in use, "
                                            << "state " << static_cast<uint64_t>(header->state);
    Policy::Reset(*object);
    header->state = State::kIdle;
    header->pool->depot_.Put(object);
  }
  static void MarkDetached(T* object) { HeaderOf(object)->state = State::kDetached; }

  const std::string name_;
  const PoolConfig config_;
  MagazineDepot depot_;
  PoolRegistration registration_{this};  // last: see PoolRegistration
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_H_
