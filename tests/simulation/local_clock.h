// The clock of a simulated machine.
#ifndef BLIXARD_TESTS_SIMULATION_LOCAL_CLOCK_H_
#define BLIXARD_TESTS_SIMULATION_LOCAL_CLOCK_H_

#include "tests/simulation/event_queue.h"

namespace blixard::raft {

// Begins at a time of its own and never goes back; whatever stands still on the machine, this goes
// on. The world's times that it is asked about do not go back either.
class LocalClock {
 public:
  explicit LocalClock(VirtualTime shown_at_zero) : shown_(shown_at_zero) {}

  VirtualTime At(VirtualTime now) const { return shown_ + (now - since_) * 1000 / permille_; }

  // The first time of the world at which it shows `local`, which is not in its past.
  VirtualTime WhenItShows(VirtualTime local) const {
    return since_ + ((local - shown_) * permille_ + 999) / 1000;
  }

  // From `now` on what it takes for a second lasts that many thousandths of one.
  void SetPace(VirtualTime now, int64_t permille) {
    shown_ = At(now);
    since_ = now;
    permille_ = permille;
  }
  bool is_right() const { return permille_ == 1000; }

 private:
  VirtualTime shown_;  // at `since_`
  VirtualTime since_ = 0;
  int64_t permille_ = 1000;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_LOCAL_CLOCK_H_
