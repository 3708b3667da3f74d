// Whether a history could have come from one copy of the data that carries out each operation at
// one moment between its call and its return.
//
// Wing and Gong's search ("Testing and Verifying Concurrent Objects", 1993) with Lowe's cache of
// configurations ("Testing for Linearizability", 2017). Keys are independent (linearizability is
// local), so each is searched by itself.
#ifndef BLIXARD_TESTS_SIMULATION_LINEARIZABILITY_H_
#define BLIXARD_TESTS_SIMULATION_LINEARIZABILITY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/simulation/history.h"

namespace blixard::raft {

enum class Verdict : uint8_t {
  kLinearizable,
  kNotLinearizable,
  kUndecided,  // the effort ran out: says nothing, and must not be taken for success
};

absl::string_view VerdictName(Verdict verdict);

struct LinearizabilityOptions {
  // Configurations visited per key before giving up; each holds 16 bytes of memory.
  uint64_t max_configurations = 4'000'000;
};

struct LinearizabilityResult {
  Verdict verdict = Verdict::kLinearizable;
  // Unless linearizable: the key, and the operation that no order that was tried could place.
  std::string explanation;
  uint64_t configurations = 0;  // visited over all keys
};

// Every register starts absent. Operations may stand in any order; two that touch (one returns when
// the other is called) count as concurrent. Pure.
LinearizabilityResult CheckLinearizability(const History& history,
                                           const LinearizabilityOptions& options = {});

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_LINEARIZABILITY_H_
