// Test programs that were built with the switches, each run in a process of its own.
#ifndef BLIXARD_TESTS_MUTATION_TEST_PROGRAM_H_
#define BLIXARD_TESTS_MUTATION_TEST_PROGRAM_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/mutation.h"

namespace blixard::raft {

struct TestOrder {
  std::string folder;              // of the programs
  std::vector<std::string> tests;  // "Suite.Case" each, all of one program: see ProgramOf
  Mutation mutation = Mutation::kNone;
  uint32_t seconds = 60;                           // then it is killed
  std::map<std::string, std::string> environment;  // besides that of this process
};

struct TestOutcome {
  bool passed = false;
  bool timed_out = false;
  std::string output;  // both channels; the end of it if it is long
};

// The program that a test is in: by convention the suite's name in small letters, with "_test".
std::string ProgramOf(absl::string_view test);

// Blocks until the program has ended. Its temporary directory is fresh and removed afterwards.
// The calling process must have no other thread.
TestOutcome RunTests(const TestOrder& order);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_MUTATION_TEST_PROGRAM_H_
