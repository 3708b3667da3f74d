// Delta debugging (Zeller, "Simplifying and Isolating Failure-Inducing Input", 2002): what can be
// left out of a failing schedule while it still fails.
#ifndef BLIXARD_TESTS_SIMULATION_SHRINK_H_
#define BLIXARD_TESTS_SIMULATION_SHRINK_H_

#include <cstddef>
#include <functional>
#include <vector>

namespace blixard::raft {

// Places of a schedule, ascending.
using Places = std::vector<size_t>;

// The smallest set that was found, starting from `places`, for which `fails` holds; no single place
// can be left out of it, unless `max_runs` calls of `fails` came first. `fails(places)` must hold.
Places Shrink(Places places, const std::function<bool(const Places&)>& fails, size_t max_runs);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_SHRINK_H_
