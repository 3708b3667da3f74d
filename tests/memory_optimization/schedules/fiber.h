// A thread of a schedule: a stack of its own that runs only when switched to. Switching costs a few
// nanoseconds, so that a schedule of some fifty steps costs about a microsecond.
// Address and thread sanitizer are told of every switch. Not thread-safe: a fiber lives and dies on
// one thread of the machine.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_FIBER_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_FIBER_H_

#include <cstddef>

namespace blixard::memory::schedules {

class Fiber {
 public:
  using Entry = void (*)(void* argument);

  // Stands for the running thread itself: only something to switch from and back to.
  Fiber();
  // Runs `entry(argument)` when first switched to; `entry` must never return.
  Fiber(Entry entry, void* argument);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Goes on in `to`; returns when somebody switches to `from`, which is the running one.
  static void Switch(Fiber& from, Fiber& to);
  // The same for a `from` that will never be switched to again.
  [[noreturn]] static void Leave(Fiber& from, Fiber& to);

 private:
  [[noreturn]] static void Begin();
  static void Jump(Fiber& from, Fiber& to);

  static constexpr size_t kStackBytes = 256 * 1024;

  Entry entry_ = nullptr;
  void* argument_ = nullptr;
  void* stack_ = nullptr;  // owned
  void* stack_pointer_ = nullptr;
  // For the sanitizers.
  void* fake_stack_ = nullptr;
  const void* stack_bottom_ = nullptr;
  size_t stack_bytes_ = 0;
  void* shadow_ = nullptr;
};

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_FIBER_H_
