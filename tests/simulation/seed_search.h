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
#include "tests/simulation/isolated_run.h"
#include "tests/simulation/world.h"

namespace blixard::raft {

struct SeedSearchOptions {
  uint64_t start = 1;
  uint64_t seeds = 1;
  uint32_t jobs = 1;
  uint32_t replicas = 0;  // 0: by the seed
  WorldRunner run = RunWorld;
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
  // Nothing failed, and yet seeds are missing: a process ended that was at none.
  bool incomplete = false;
};

// A seed that ends its process, or is still at it after kSecondsPerSeed, has failed.
// `progress` is called about once a second from this process, which must have no other thread.
SeedSearchResult SearchSeeds(const SeedSearchOptions& options,
                             const std::function<void(const SeedSearchResult&)>& progress);

// Paths that a search of this many seeds must have gone; the names of those it never went.
std::vector<std::string> NeverHit(const Coverage& coverage);
inline constexpr uint64_t kSeedsForCoverage = 500;

struct Explanation {
  std::string violation;            // empty: by itself it holds
  std::vector<Fault> faults;        // of the seed
  std::vector<size_t> needed = {};  // places of those without which it does not fail
};

// Why a seed fails; each run in a process of its own. A part of the schedule counts as failing only
// if it violates the same as the whole (ViolationClass). Gives up making it smaller after some
// minutes.
Explanation ExplainFailure(const WorldOptions& options, const WorldRunner& run = RunWorld);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_SEED_SEARCH_H_
