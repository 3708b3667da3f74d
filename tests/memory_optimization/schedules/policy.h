// Who runs next. Four ways to choose, because each finds bugs that the others need long for.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_POLICY_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_POLICY_H_

#include <array>
#include <cstdint>

#include "tests/memory_optimization/schedules/clock.h"
#include "tests/memory_optimization/schedules/random.h"

namespace blixard::memory::schedules {

class Policy {
 public:
  enum class Mode {
    kUniform,     // anyone, at every step
    kSticky,      // the same one, mostly
    kPriorities,  // the highest priority; a few steps lower it (PCT, Burckhardt et al., ASPLOS
                  // 2010)
    kPreempt,     // the same one, but for a few preemptions at chosen steps
  };
  static constexpr int kChanges = 3;  // of priority, or preemptions, at most

  // Chooses the mode and what it needs; `expected_steps` is where changes are spread over.
  void Start(Random& random, uint32_t expected_steps);

  // One of the threads in `runnable` (bit t: thread t), which is not empty.
  int Choose(uint32_t runnable, int running, uint32_t step, Random& random);

  Mode mode() const { return mode_; }

 private:
  static int ChooseAny(uint32_t runnable, Random& random);
  int ChooseByPriority(uint32_t runnable) const;
  bool ChangesAt(uint32_t step) const;

  Mode mode_ = Mode::kUniform;
  std::array<uint32_t, kChanges> changes_ = {};
  std::array<uint32_t, kMaxThreads> priorities_ = {};
};

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_POLICY_H_
