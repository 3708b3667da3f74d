// Runs the worlds of many seeds over several processes and collects what they say.
#ifndef BLIXARD_TESTS_SIMULATION_SEED_SEARCH_H_
#define BLIXARD_TESTS_SIMULATION_SEED_SEARCH_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/coverage.h"
#include "tests/simulation/fault_schedule.h"
#include "tests/simulation/world.h"

namespace blixard::raft {

struct SeedSearchOptions {
  uint64_t start = 1;
  uint64_t seeds = 1;
  uint32_t jobs = 1;
  uint32_t replicas = 0;  // 0: by the seed
};

struct SeedSearchResult {
  uint64_t seeds = 0;  // that were finished
  uint64_t events = 0;
  uint64_t checks = 0;
  double simulated_seconds = 0;
  double slowest_heal_seconds = 0;
  double wall_seconds = 0;
  Coverage coverage;
  std::optional<uint64_t> failed_seed;  // the search stops at the first
};

// `progress` is called about once a second from this process, which must have no other thread.
SeedSearchResult SearchSeeds(const SeedSearchOptions& options,
                             const std::function<void(const SeedSearchResult&)>& progress);

// Paths that a search of this many seeds must have gone; the names of those it never went.
std::vector<std::string> NeverHit(const Coverage& coverage);
inline constexpr uint64_t kSeedsForCoverage = 500;

struct Explanation {
  std::string violation;
  std::vector<Fault> faults;        // of the seed
  std::vector<size_t> needed = {};  // places of those without which it does not fail
};

// Why a seed fails; each run in a process of its own.
Explanation ExplainFailure(const WorldOptions& options);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_SEED_SEARCH_H_
