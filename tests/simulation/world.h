// One simulated run from one seed: a cluster of real replicas under chaos, then healed.
#ifndef BLIXARD_TESTS_SIMULATION_WORLD_H_
#define BLIXARD_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/coverage.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/fault_schedule.h"
#include "tests/simulation/history.h"

namespace blixard::raft {

struct WorldOptions {
  uint64_t seed = 0;
  uint32_t replicas = 0;  // 0: 1, 3, 5 or 7, by the seed
  VirtualTime chaos = 30 * kSecond;
  VirtualTime heal = 12 * kSecond;  // within this after the last fault the cluster must converge
  std::optional<std::vector<Fault>> faults = {};  // in place of those of the seed
  bool keep_trace = false;                        // as text; the hash is always there
  bool print_trace = false;  // to standard output as it comes about, in case the run ends badly
};

struct WorldResult {
  std::string violation;  // empty: everything held
  uint64_t trace_hash = 0;
  std::string trace;
  uint64_t events = 0;
  uint64_t checks = 0;
  VirtualTime simulated = 0;
  VirtualTime converged_after = 0;  // since the last fault ended
  uint32_t replicas = 0;
  Coverage coverage;
  History history;
  std::vector<Fault> faults;  // that were carried out
};

// The schedule of a seed.
std::vector<Fault> WorldFaults(const WorldOptions& options);

// One at a time in a process: it counts what comes back to the process's pools.
WorldResult RunWorld(const WorldOptions& options);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_WORLD_H_
