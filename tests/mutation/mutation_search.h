// Puts one bug back and looks who notices it.
#ifndef BLIXARD_TESTS_MUTATION_MUTATION_SEARCH_H_
#define BLIXARD_TESTS_MUTATION_MUTATION_SEARCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/mutation/mutation_table.h"

namespace blixard::raft {

struct SearchOptions {
  std::string folder;     // of the test programs that were built with the switches
  uint64_t seeds = 200;   // of random groups of each kind, and of simulated worlds, at most
  uint32_t seconds = 60;  // for one named test, and for one simulated world
  bool simulate = true;
};

struct SearchResult {
  std::vector<std::string> caught_by;      // of the named tests
  std::vector<std::string> not_caught_by;  // named tests that passed: they prove nothing
  // The first seed that notices; none within the budget, or not tried since the code with the bug
  // does not run there.
  std::optional<uint64_t> group_seed;
  std::optional<uint64_t> simulator_seed;
  bool groups_hang = false;  // which noticed, too, but cannot say at which seed
  bool groups_tried = false;
  bool simulator_tried = false;

  bool caught() const { return !caught_by.empty() || group_seed || groups_hang || simulator_seed; }
};

SearchResult Search(const MutationRow& row, const SearchOptions& options);

// What fails without any bug put back, as a sentence; empty: nothing, so that a failure with one
// means something.
std::string FindBrokenWithoutBug(const SearchOptions& options);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_MUTATION_MUTATION_SEARCH_H_
