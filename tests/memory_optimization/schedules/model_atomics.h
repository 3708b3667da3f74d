// The counterpart of MachineAtomics (memory_optimization/atomics.h): the same templates run on it
// under every schedule that seeds choose. Outside of a schedule its types are ordinary variables.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_MODEL_ATOMICS_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_MODEL_ATOMICS_H_

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "tests/memory_optimization/schedules/execution.h"
#include "tests/memory_optimization/schedules/site.h"

namespace blixard::memory::schedules {

// As std::atomic<T>, for T of at most eight bytes without padding. The last argument says where in
// the source an access stands; traces and plants need it. Operators cannot have one.
template <class T>
class ModelAtomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(uint64_t));
  using Order = std::memory_order;
  using Where = Place;
  template <class U>
  static constexpr ptrdiff_t Stride() {
    if constexpr (std::is_pointer_v<U>)
      return sizeof(std::remove_pointer_t<U>);
    else
      return 1;
  }

 public:
  using value_type = T;
  using Difference = std::conditional_t<std::is_pointer_v<T>, ptrdiff_t, T>;
  static constexpr bool is_always_lock_free = true;

  ModelAtomic() : ModelAtomic(T{}) {}
  ModelAtomic(T value) : state_{.newest = Bits(value)} {  // NOLINT: as std::atomic
    if (Execution* run = Execution::Current()) run->Create(state_);
  }
  ~ModelAtomic() {
    if (Execution* run = Execution::Current()) run->Destroy(state_);
  }
  ModelAtomic(const ModelAtomic&) = delete;
  ModelAtomic& operator=(const ModelAtomic&) = delete;

  bool is_lock_free() const { return true; }

  T load(Order order = Order::seq_cst, Where where = Where::Current()) const {
    Execution* run = Execution::Current();
    return run == nullptr ? Value(state_.newest)
                          : Value(run->Load(state_, {where, Operation::kLoad, order}));
  }
  operator T() const { return load(Order::seq_cst, Where()); }  // NOLINT: as std::atomic

  void store(T value, Order order = Order::seq_cst, Where where = Where::Current()) {
    Execution* run = Execution::Current();
    if (run == nullptr) {
      state_.newest = Bits(value);
    } else {
      run->Store(state_, Bits(value), {where, Operation::kStore, order});
    }
  }
  T operator=(T value) {
    store(value, Order::seq_cst, Where());
    return value;
  }

  T exchange(T value, Order order = Order::seq_cst, Where where = Where::Current()) {
    return Modify(Operation::kExchange, Bits(value), order, where);
  }
  T fetch_add(Difference by, Order order = Order::seq_cst, Where where = Where::Current()) {
    return Modify(Operation::kAdd, Scaled(by), order, where);
  }
  T fetch_sub(Difference by, Order order = Order::seq_cst, Where where = Where::Current()) {
    return Modify(Operation::kAdd, -Scaled(by), order, where);
  }
  T fetch_and(T value, Order order = Order::seq_cst, Where where = Where::Current()) {
    return Modify(Operation::kAnd, Bits(value), order, where);
  }
  T fetch_or(T value, Order order = Order::seq_cst, Where where = Where::Current()) {
    return Modify(Operation::kOr, Bits(value), order, where);
  }
  T fetch_xor(T value, Order order = Order::seq_cst, Where where = Where::Current()) {
    return Modify(Operation::kXor, Bits(value), order, where);
  }
  T operator++() { return static_cast<T>(fetch_add(1, Order::seq_cst, Where()) + 1); }
  T operator++(int) { return fetch_add(1, Order::seq_cst, Where()); }
  T operator--() { return static_cast<T>(fetch_sub(1, Order::seq_cst, Where()) - 1); }
  T operator--(int) { return fetch_sub(1, Order::seq_cst, Where()); }
  T operator+=(Difference by) {
    return static_cast<T>(fetch_add(by, Order::seq_cst, Where()) + by);
  }
  T operator-=(Difference by) {
    return static_cast<T>(fetch_sub(by, Order::seq_cst, Where()) - by);
  }

  bool compare_exchange_strong(T& expected, T desired, Order success, Order failure,
                               Where where = Where::Current()) {
    return CompareExchange(expected, desired, success, failure, where, false);
  }
  bool compare_exchange_strong(T& expected, T desired, Order order = Order::seq_cst,
                               Where where = Where::Current()) {
    return CompareExchange(expected, desired, order, FailureOf(order), where, false);
  }
  bool compare_exchange_weak(T& expected, T desired, Order success, Order failure,
                             Where where = Where::Current()) {
    return CompareExchange(expected, desired, success, failure, where, true);
  }
  bool compare_exchange_weak(T& expected, T desired, Order order = Order::seq_cst,
                             Where where = Where::Current()) {
    return CompareExchange(expected, desired, order, FailureOf(order), where, true);
  }

  void wait(T old, Order order = Order::seq_cst, Where where = Where::Current()) const {
    Execution* run = Execution::Current();
    if (run != nullptr) run->Wait(state_, Bits(old), {where, Operation::kWait, order});
  }
  void notify_one(Where where = Where::Current()) { Notify(where); }
  void notify_all(Where where = Where::Current()) { Notify(where); }

 private:
  static uint64_t Bits(T value) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    return bits;
  }
  static T Value(uint64_t bits) {
    T value;
    std::memcpy(static_cast<void*>(&value), &bits, sizeof(T));
    return value;
  }
  static uint64_t Scaled(Difference by) {
    return static_cast<uint64_t>(by) * static_cast<uint64_t>(Stride<T>());
  }
  static constexpr uint64_t kMask =
      sizeof(T) == 8 ? ~uint64_t{0} : (uint64_t{1} << (sizeof(T) * 8 % 64)) - 1;
  static Order FailureOf(Order success) {
    if (success == Order::acq_rel) return Order::acquire;
    return success == Order::release ? Order::relaxed : success;
  }

  T Modify(Operation operation, uint64_t operand, Order order, Where where) {
    Execution* run = Execution::Current();
    if (run != nullptr) {
      return Value(run->Modify(state_, operand, kMask, {where, operation, order}));
    }
    const uint64_t old = state_.newest;
    state_.newest = Compute(operation, old, operand) & kMask;
    return Value(old);
  }
  bool CompareExchange(T& expected, T desired, Order success, Order failure, Where where,
                       bool weak) {
    Execution::Exchange exchange = {.expected = Bits(expected),
                                    .desired = Bits(desired),
                                    .failure = failure,
                                    .may_fail_spuriously = weak};
    Execution* run = Execution::Current();
    if (run != nullptr) {
      const bool done =
          run->CompareExchange(state_, exchange, {where, Operation::kCompareExchange, success});
      if (!done) expected = Value(exchange.expected);
      return done;
    }
    if (state_.newest != exchange.expected) {
      expected = Value(state_.newest);
      return false;
    }
    state_.newest = exchange.desired;
    return true;
  }
  void Notify(Where where) {
    Execution* run = Execution::Current();
    if (run != nullptr) run->Notify(state_, {where, Operation::kNotify, Order::relaxed});
  }

  AtomicState state_;
};

// A variable that one thread at a time may use: two accesses, one of them a write, that do not
// happen one before the other fail the schedule.
template <class T>
class ModelPlain {
 public:
  ModelPlain() : ModelPlain(T{}) {}
  // Implicit from T alone: `condition ? plain : 0` must have one meaning.
  template <class U>
  requires std::convertible_to<U, T> &&(!std::same_as<std::remove_cvref_t<U>, ModelPlain>)explicit(
      !std::same_as<std::remove_cvref_t<U>, T>) ModelPlain(U&& value)  // NOLINT: as T itself
      : value_(std::forward<U>(value)) {
    if (Execution* run = Execution::Current()) run->CreatePlain(entry_);
  }
  ModelPlain(const ModelPlain& other) : ModelPlain(other.Get()) {}
  ~ModelPlain() {
    if (Execution* run = Execution::Current()) run->DestroyPlain(entry_, this);
  }
  ModelPlain& operator=(const ModelPlain& other) { return *this = other.Get(); }
  ModelPlain& operator=(T value) {
    NoteWrite();
    value_ = std::move(value);
    return *this;
  }

  operator T() const { return Get(); }  // NOLINT: as T itself
  T operator->() const requires std::is_pointer_v<T> { return Get(); }
  ModelPlain& operator++() { return *this = static_cast<T>(Get() + 1); }
  T operator++(int) { return std::exchange(*this, static_cast<T>(Get() + 1)); }
  ModelPlain& operator--() { return *this = static_cast<T>(Get() - 1); }
  ModelPlain& operator+=(const T& by) { return *this = static_cast<T>(Get() + by); }
  ModelPlain& operator-=(const T& by) { return *this = static_cast<T>(Get() - by); }

 private:
  const T& Get() const {
    if (Execution* run = Execution::Current()) run->ReadPlain(entry_, this);
    return value_;
  }
  void NoteWrite() {
    if (Execution* run = Execution::Current()) run->WritePlain(entry_, this);
  }

  T value_;
  mutable ModelEntry entry_ = {};
};

class ModelMutex {
 public:
  void lock(Place where = Place::Current()) {
    if (Execution* run = Execution::Current()) run->Lock(state_, At(where, Operation::kLock));
  }
  bool try_lock(Place where = Place::Current()) {
    Execution* run = Execution::Current();
    return run == nullptr || run->TryLock(state_, At(where, Operation::kLock));
  }
  void unlock(Place where = Place::Current()) {
    if (Execution* run = Execution::Current()) run->Unlock(state_, At(where, Operation::kUnlock));
  }

 private:
  static Site At(Place where, Operation operation) {
    return {where, operation, std::memory_order_seq_cst};
  }

  MutexState state_;
};

struct ModelAtomics {
  template <class T>
  using Atomic = ModelAtomic<T>;
  template <class T>
  using Plain = ModelPlain<T>;
  using Mutex = ModelMutex;

  static constexpr std::memory_order kAnnounce = std::memory_order_relaxed;
  static constexpr std::memory_order kLook = std::memory_order_acquire;

  static void CompilerFence(Place where = Place::Current()) {
    if (Execution* run = Execution::Current()) {
      run->CompilerFence({where, Operation::kCompilerFence, std::memory_order_seq_cst});
    }
  }
  static bool BarrierOnEveryThread(Place where = Place::Current()) {
    if (Execution* run = Execution::Current()) {
      run->Barrier({where, Operation::kBarrier, std::memory_order_seq_cst});
    }
    return true;
  }
  static void Fence(std::memory_order order, Place where = Place::Current()) {
    if (Execution* run = Execution::Current()) run->Fence({where, Operation::kFence, order});
  }
  static void Yield(Place where = Place::Current()) {
    if (Execution* run = Execution::Current()) {
      run->Yield({where, Operation::kYield, std::memory_order_relaxed});
    }
  }

  // For nodes: memory of the schedule, so that a use after Delete is seen as such.
  template <class T, class... Arguments>
  static T* New(Arguments&&... arguments) {
    return ::new (Execution::Current()->Allocate(sizeof(T)))
        T{std::forward<Arguments>(arguments)...};
  }
  template <class T>
  static void Delete(T* object) {
    object->~T();
  }
};

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_MODEL_ATOMICS_H_
