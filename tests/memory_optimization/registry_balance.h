// Linked into a test program, fails every test that ends with more objects out of some registered
// pool than it began with. A test must give back what it takes, or it hides leaks of what it tests.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_REGISTRY_BALANCE_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_REGISTRY_BALANCE_H_

#include <cstdint>
#include <map>
#include <string>

namespace blixard::memory {

// Objects out, by the name of their pool; pools of one name are added up.
using LiveObjects = std::map<std::string, uint64_t>;

// Of every pool in the registry of the process.
LiveObjects CountLiveObjects();

// One line per pool with more objects out in `after` than in `before`; empty when balanced. A pool
// that `before` does not know had none.
std::string DescribeImbalance(const LiveObjects& before, const LiveObjects& after);

}  // namespace blixard::memory

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_REGISTRY_BALANCE_H_
