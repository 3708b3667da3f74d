// What a thread knows of every other thread, as a vector of times.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_CLOCK_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_CLOCK_H_

#include <bit>
#include <cstdint>

namespace blixard::memory::schedules {

// The thread that sets up and checks, number 0, and six of the scenario.
inline constexpr int kMaxThreads = 7;
// The lane behind the threads: how much of the total order of sequentially consistent accesses.
inline constexpr int kTotalOrder = 7;

// Eight times in one machine register: a schedule joins and compares clocks at every access.
class Clock {
 public:
  // Later than every time a schedule reaches.
  static constexpr uint16_t kNever = 0xffff;
  static Clock Never() {
    Clock clock;
    clock.lanes_ = clock.lanes_ - 1;
    return clock;
  }

  uint16_t At(int lane) const { return lanes_[lane]; }
  void Set(int lane, uint16_t time) { lanes_[lane] = time; }
  void Join(const Clock& other) { lanes_ = lanes_ > other.lanes_ ? lanes_ : other.lanes_; }

  bool AnyAtMost(const Clock& other) const { return IsAnySet(lanes_ <= other.lanes_); }
  bool AllAtMost(const Clock& other) const { return !IsAnySet(lanes_ > other.lanes_); }

 private:
  using Lanes = uint16_t __attribute__((vector_size(16)));

  template <class Mask>
  static bool IsAnySet(Mask mask) {
    struct Halves {
      uint64_t low;
      uint64_t high;
    };
    const Halves halves = std::bit_cast<Halves>(mask);
    return (halves.low | halves.high) != 0;
  }

  Lanes lanes_ = {};
};

// `happened` is C++'s happens-before: it decides what is a data race. `visible` contains it and
// what fences of the total order forbid to overlook: it decides what a load may still return.
struct Knowledge {
  Clock happened = {};
  Clock visible = {};

  void Join(const Knowledge& other) {
    happened.Join(other.happened);
    visible.Join(other.visible);
  }
};

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_CLOCK_H_
