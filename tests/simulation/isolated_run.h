// A run in a process of its own, so that a broken invariant inside the code under test (a CHECK) is
// a finding like any other and not the end of the search.
#ifndef BLIXARD_TESTS_SIMULATION_ISOLATED_RUN_H_
#define BLIXARD_TESTS_SIMULATION_ISOLATED_RUN_H_

#include <functional>
#include <string>

#include "tests/simulation/world.h"

namespace blixard::raft {

using WorldRunner = std::function<WorldResult(const WorldOptions&)>;

// Of the clock on the wall. The slowest worlds take a few seconds, with sanitizers on a busy
// machine; one that has not ended by then loops without its virtual time going on.
inline constexpr unsigned kSecondsPerSeed = 120;

// Runs the world in a child process and returns what was violated; empty when nothing was. A child
// that ends in any other way has violated something too: the text says how it ended and holds the
// end of what it wrote to standard error. After kSecondsPerSeed it is ended. `run` may set up the
// child first; whoever calls alarm() there gives it another time.
// The calling process must have no other thread.
std::string RunIsolated(const WorldOptions& options, const WorldRunner& run = RunWorld);

// How a process ended that was to run a world, as a violation: `status` is what waitpid said.
std::string DescribedEnd(int status);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_ISOLATED_RUN_H_
