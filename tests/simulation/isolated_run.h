// A run in a process of its own, so that a broken invariant inside the code under test (a CHECK) is
// a finding like any other and not the end of the search.
#ifndef BLIXARD_TESTS_SIMULATION_ISOLATED_RUN_H_
#define BLIXARD_TESTS_SIMULATION_ISOLATED_RUN_H_

#include <functional>
#include <string>

#include "tests/simulation/world.h"

namespace blixard::raft {

// Runs the world in a child process and returns what was violated; empty when nothing was. A child
// that ends in any other way has violated something too: the text says how it ended and holds the
// end of what it wrote to standard error. `prepare` is called in the child first.
// The calling process must have no other thread.
std::string RunIsolated(const WorldOptions& options, const std::function<void()>& prepare = {});

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_ISOLATED_RUN_H_
