// A run is the same in every process: nothing in it may depend on addresses or on what a process
// salts its hashes with, which two runs in one process would not show.
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

// All events, and at the end the hash.
std::string TraceOf(uint64_t seed) {
  const std::string command =
      absl::StrCat("tests/simulation/simulate --trace --seeds 1 --start ", seed, " 2>&1");
  std::FILE* const program = popen(command.c_str(), "r");
  PCHECK(program != nullptr);
  std::string text;
  std::array<char, 4096> block;
  while (const size_t got = std::fread(block.data(), 1, block.size(), program)) {
    text.append(block.data(), got);
  }
  const int status = pclose(program);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "seed " << seed;
  return text;
}

TEST(ReplayTest, TwoProcessesSeeTheSameRunToTheByte) {
  for (const uint64_t seed : {1, 2, 12, 13}) {
    const std::string trace = TraceOf(seed);
    EXPECT_GT(trace.size(), 100'000u);
    EXPECT_NE(trace.find(" hash "), std::string::npos);
    EXPECT_TRUE(trace == TraceOf(seed)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace blixard::raft
