// What sort of a violation a text is of, whatever the run it happened in.
#ifndef BLIXARD_TESTS_SIMULATION_VIOLATION_CLASS_H_
#define BLIXARD_TESTS_SIMULATION_VIOLATION_CLASS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace blixard::raft {

// The text without its numbers, up to where it begins to tell of the one run: behind the first ":"
// or " (", for a CHECK behind its condition. Two runs fail alike when these are equal, so that a
// schedule that is made smaller stays one of the failure that was found and not of another one.
std::string ViolationClass(absl::string_view violation);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_VIOLATION_CLASS_H_
