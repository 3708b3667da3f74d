// tools/simulate from end to end: without a bug it finds nothing, a bug that is put back is found,
// explained and repeated.
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Every simulated world notices it.
constexpr Mutation kBug = Mutation::kS2CountsOneTooFew;

struct Outcome {
  int code = -1;
  std::string output;  // both channels
};

Outcome Simulate(absl::string_view flags, Mutation mutation = Mutation::kNone,
                 absl::string_view preload = "") {
  const std::string command =
      absl::StrCat("LD_PRELOAD=", preload, " BLIXARD_MUTATION=", static_cast<int>(mutation),
                   " tests/mutation/simulator/simulate ", flags, " 2>&1");
  std::FILE* const program = popen(command.c_str(), "r");
  PCHECK(program != nullptr);
  Outcome outcome;
  std::array<char, 4096> block;
  while (const size_t got = std::fread(block.data(), 1, block.size(), program)) {
    outcome.output.append(block.data(), got);
  }
  const int status = pclose(program);
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  return outcome;
}

// What stands between the marks, the first time.
std::string Between(const std::string& text, absl::string_view begin, absl::string_view end) {
  const size_t at = text.find(begin.data(), 0, begin.size());
  if (at == std::string::npos) return "";
  const size_t from = at + begin.size();
  return text.substr(from, text.find(end.data(), from, end.size()) - from);
}

TEST(SimulateTest, FindsNothingWhereNothingIsWrong) {
  const Outcome outcome = Simulate("--seeds 4 --jobs 2 --output=json");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.output, StartsWith("{\"start\":1,\"seeds\":4,"));
  EXPECT_THAT(outcome.output, HasSubstr("\"never_hit\":[],\"complete\":true,\"failure\":null}"));
}

TEST(SimulateTest, FindsExplainsAndRepeatsABug) {
  const Outcome found = Simulate("--start 0 --seeds 50 --jobs 2", kBug);
  EXPECT_EQ(found.code, 1);
  const std::string failure = Between(found.output, "FAILED seed ", "\n");
  ASSERT_THAT(failure, testing::Not(IsEmpty())) << found.output;
  const std::string replay = Between(found.output, "replay: tools/simulate ", "\n");
  EXPECT_THAT(replay, StartsWith("--start "));
  const Outcome again = Simulate(replay, kBug);
  EXPECT_EQ(again.code, 1);
  // The part of the schedule fails as the whole did: in the same words, the numbers may differ.
  const std::string sort = Between(failure, ": ", " (");
  EXPECT_THAT(again.output, HasSubstr(sort));
  EXPECT_EQ(Simulate(replay).code, 0) << "without the bug it fails, too";
}

TEST(SimulateTest, SaysInJsonWhatFailed) {
  const Outcome found = Simulate("--seeds 50 --jobs 2 --output=json", kBug);
  EXPECT_EQ(found.code, 1);
  EXPECT_THAT(found.output, HasSubstr("\"failure\":{\"seed\":"));
  EXPECT_THAT(found.output, HasSubstr("\"replay\":\"tools/simulate --start "));
}

// Nothing failed, and yet nobody knows of the missing seeds.
TEST(SimulateTest, SeedsThatWereNotRunAreNoSuccess) {
  constexpr absl::string_view kPreload = "$PWD/tests/mutation/ended_worker.so";
  const Outcome text = Simulate("--seeds 4 --jobs 2", Mutation::kNone, kPreload);
  EXPECT_EQ(text.code, 3);
  EXPECT_THAT(text.output, HasSubstr("want 4 seeds, got 0: a process was ended from outside"));
  const Outcome json = Simulate("--seeds 4 --jobs 2 --output=json", Mutation::kNone, kPreload);
  EXPECT_EQ(json.code, 3);
  EXPECT_THAT(json.output, HasSubstr("\"complete\":false,\"failure\":null}"));
}

TEST(SimulateTest, RefusesWhatItCannotDo) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"--replicas 4 --seeds 1", "--replicas"},
      {"--replicas 9 --seeds 1", "--replicas"},
      {"--trace --seeds 2", "--seeds 1"},
      {"--trace --seeds 1 --output=json", "--output: want text"},
      {"--faults none --seeds 1 --output=json", "--output: want text"},
      {"--faults x --seeds 1", "--faults: want numbers"},
      {"--faults 9999 --seeds 1", "--faults: want places"},
      {"--seeds 0", "--seeds"},
      {"--output=xml", "--output"}};
  for (const auto& [flags, want] : cases) {
    const Outcome outcome = Simulate(flags);
    EXPECT_EQ(outcome.code, 2) << flags;
    EXPECT_THAT(outcome.output, HasSubstr(want)) << flags;
  }
}

}  // namespace
}  // namespace blixard::raft
