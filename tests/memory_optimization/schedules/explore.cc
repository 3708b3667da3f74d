#include "tests/memory_optimization/schedules/explore.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace blixard::memory::schedules {
namespace {

constexpr uint64_t kProgressEvery = 1024;

// A CHECK of the code under test fails the schedule, not the process.
// The attribute is part of glog's function type, in this spelling only.
__attribute__((noreturn)) void FailScheduleOrAbort() {
  Execution* run = Execution::Current();
  if (run != nullptr && run->thread() != 0) run->Fail("a CHECK failed (its message is above)");
  std::abort();
}

void SortBySource(std::vector<Site>& sites) {
  std::sort(sites.begin(), sites.end(), [](const Site& a, const Site& b) {
    return std::tuple(std::string_view(a.where.file), a.where.line, a.where.column) <
           std::tuple(std::string_view(b.where.file), b.where.line, b.where.column);
  });
}

}  // namespace

ExploreResult Explore(const ExploreOptions& options, Body& body) {
  [[maybe_unused]] static const bool installed = [] {
    google::InstallFailureFunction(&FailScheduleOrAbort);
    return true;
  }();
  Execution execution;
  ExploreResult result;
  ScheduleOptions schedule = {.plant = options.plant.has_value() ? &*options.plant : nullptr,
                              .sites = options.collect_sites ? &result.sites : nullptr,
                              .expected_steps = options.expected_steps,
                              .max_steps = options.max_steps};
  while (result.schedules < options.schedules && !result.failed) {
    schedule.seed = options.seed + result.schedules++;
    ScheduleOutcome outcome = execution.Run(schedule, body);
    result.steps += outcome.steps;
    result.failed = outcome.failed;
    result.message = std::move(outcome.message);
    if (result.schedules % kProgressEvery == 0 && options.progress != nullptr &&
        !options.progress(result.schedules)) {
      break;
    }
  }
  SortBySource(result.sites);
  if (!result.failed) return result;
  result.seed = schedule.seed;
  schedule.trace = true;
  const ScheduleOutcome again = execution.Run(schedule, body);
  CHECK(again.failed) << "seed " << result.seed << " did not fail again";
  result.message = again.message;  // names what the first run could not
  result.trace = again.trace;
  return result;
}

void Expect(bool holds, const char* what) {
  if (holds) return;
  Execution* run = Execution::Current();
  CHECK(run != nullptr) << "Expect outside of a schedule: " << what;
  run->Fail(what);
}

std::ostream& operator<<(std::ostream& out, const ExploreResult& result) {
  if (!result.failed) {
    return out << result.schedules << " schedules, " << result.steps << " steps, none failed";
  }
  return out << "schedule " << result.schedules << " failed, seed " << result.seed << ": "
             << result.message << '\n'
             << result.trace;
}

}  // namespace blixard::memory::schedules
