#include "tests/mutation/mutation_search.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/mutation/test_program.h"
#include "tests/simulation/isolated_run.h"
#include "tests/simulation/world.h"

namespace blixard::raft {
namespace {

// A kind of group each; those with more going on first, since they notice most.
constexpr const char* kGroupTests[] = {
    "RandomGroupTest.ChangingGroupWithAsynchronousStorageStaysSafeAndConverges",
    "RandomGroupTest.ChangingGroupStaysSafeAndConverges",
    "RandomGroupTest.ChangingGroupOfOneStaysSafeAndConverges",
    "RandomGroupTest.GroupWhoseDisksAreLostOneByOneStaysSafeAndConverges",
    "RandomGroupTest.ThreeReplicasWithAsynchronousStorageStaySafeAndConverge",
    "RandomGroupTest.ThreeReplicasStaySafeAndConverge",
    "RandomGroupTest.FiveReplicasStaySafeAndConverge",
    "RandomGroupTest.OneReplicaStaysSafeAndConverges"};

// A program that dies says which seed it was at; one that fails used up its budget.
uint64_t SeedOf(absl::string_view output, uint64_t budget) {
  constexpr absl::string_view kBefore = " seed=";
  const size_t line = output.rfind("while running ");
  if (line == absl::string_view::npos) return budget;
  const size_t begin = output.find(kBefore, line);
  if (begin == absl::string_view::npos) return budget;
  absl::string_view digits = output.substr(begin + kBefore.size());
  digits = digits.substr(0, digits.find_first_not_of("0123456789"));
  uint64_t seed = budget;
  return absl::SimpleAtoi(digits, &seed) ? seed : budget;
}

// Many times what healthy groups need.
uint32_t SecondsOfGroups(const SearchOptions& options) {
  return options.seconds + static_cast<uint32_t>(options.seeds / 10);
}

struct GroupNotice {
  std::optional<uint64_t> seed;
  bool hangs = false;
};

// Each kind has to be looked at only up to what another kind needed.
GroupNotice AskGroups(Mutation mutation, const SearchOptions& options) {
  std::optional<uint64_t> needed;
  for (const char* test : kGroupTests) {
    const uint64_t budget = needed.has_value() ? *needed - 1 : options.seeds;
    if (budget == 0) break;
    const TestOutcome outcome = RunTests({.folder = options.folder,
                                          .tests = {test},
                                          .mutation = mutation,
                                          .seconds = SecondsOfGroups(options),
                                          .environment = {{"RAFT_SEEDS", absl::StrCat(budget)}}});
    if (outcome.passed) continue;
    if (outcome.timed_out) return {.seed = needed, .hangs = !needed.has_value()};
    // That few seeds were not busy enough is no finding.
    const uint64_t seed = SeedOf(outcome.output, options.seeds);
    if (!needed.has_value() || seed <= budget) needed = seed;
  }
  return {.seed = needed, .hangs = false};
}

std::optional<uint64_t> WorldSeedsNeeded(Mutation mutation, const SearchOptions& options) {
  for (uint64_t seed = 1; seed <= options.seeds; ++seed) {
    const std::string violation = RunIsolated({.seed = seed}, [&](const WorldOptions& world) {
      SetMutation(mutation);
      alarm(options.seconds);
      return RunWorld(world);
    });
    if (!violation.empty()) return seed;
  }
  return std::nullopt;
}

}  // namespace

SearchResult Search(const MutationRow& row, const SearchOptions& options) {
  SearchResult result;
  for (const std::string& test : TestsOf(row)) {
    const TestOutcome outcome = RunTests({.folder = options.folder,
                                          .tests = {test},
                                          .mutation = row.mutation,
                                          .seconds = options.seconds,
                                          .environment = {}});
    const bool caught = !outcome.passed && (row.hangs || !outcome.timed_out);
    (caught ? result.caught_by : result.not_caught_by).push_back(test);
  }
  if (row.part == MutatedPart::kCore) {
    result.groups_tried = true;
    const GroupNotice notice = AskGroups(row.mutation, options);
    result.group_seed = notice.seed;
    result.groups_hang = notice.hangs;
  }
  if (options.simulate && row.part != MutatedPart::kTransport) {
    result.simulator_tried = true;
    result.simulator_seed = WorldSeedsNeeded(row.mutation, options);
  }
  return result;
}

std::string FindBrokenWithoutBug(const SearchOptions& options) {
  std::set<std::string> tests;
  for (const MutationRow& row : MutationTable()) {
    for (const std::string& test : TestsOf(row)) tests.insert(test);
  }
  for (const std::string& test : tests) {
    const TestOutcome outcome =
        RunTests({.folder = options.folder, .tests = {test}, .environment = {}});
    if (!outcome.passed) return absl::StrCat(test, " fails: ", outcome.output);
  }
  const GroupNotice groups = AskGroups(Mutation::kNone, options);
  if (groups.hangs || groups.seed.has_value()) return "random groups fail";
  SearchOptions few = options;
  few.seeds = std::min<uint64_t>(options.seeds, 3);
  if (options.simulate && WorldSeedsNeeded(Mutation::kNone, few).has_value()) {
    return "a simulated world fails: see tools/simulate";
  }
  return "";
}

}  // namespace blixard::raft
