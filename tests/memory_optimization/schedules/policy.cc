#include "tests/memory_optimization/schedules/policy.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace blixard::memory::schedules {

void Policy::Start(Random& random, uint32_t expected_steps) {
  mode_ = static_cast<Mode>(random.Below(4));
  if (mode_ == Mode::kUniform || mode_ == Mode::kSticky) return;
  for (uint32_t& change : changes_) change = random.Below(expected_steps);
  for (int thread = 0; thread < kMaxThreads; ++thread) {
    priorities_[thread] = kChanges + thread;
    std::swap(priorities_[thread], priorities_[random.Below(thread + 1)]);
  }
}

int Policy::Choose(uint32_t runnable, int running, uint32_t step, Random& random) {
  const bool may_stay = (runnable >> running & 1) != 0;
  switch (mode_) {
    case Mode::kUniform:
      return ChooseAny(runnable, random);
    case Mode::kSticky:
      return may_stay && !random.OneIn(4) ? running : ChooseAny(runnable, random);
    case Mode::kPriorities:
      if (ChangesAt(step)) {
        // Below all others, and below earlier changes.
        for (uint32_t& priority : priorities_) ++priority;
        priorities_[running] = 0;
      }
      return ChooseByPriority(runnable);
    default:
      return may_stay && !ChangesAt(step) ? running : ChooseAny(runnable, random);
  }
}

bool Policy::ChangesAt(uint32_t step) const {
  return std::find(changes_.begin(), changes_.end(), step) != changes_.end();
}

int Policy::ChooseAny(uint32_t runnable, Random& random) {
  uint32_t skip = random.Below(static_cast<uint32_t>(std::popcount(runnable)));
  for (; skip > 0; --skip) runnable &= runnable - 1;
  return std::countr_zero(runnable);
}

int Policy::ChooseByPriority(uint32_t runnable) const {
  int best = std::countr_zero(runnable);
  for (int thread = best + 1; thread < kMaxThreads; ++thread) {
    if ((runnable >> thread & 1) != 0 && priorities_[thread] > priorities_[best]) best = thread;
  }
  return best;
}

}  // namespace blixard::memory::schedules
