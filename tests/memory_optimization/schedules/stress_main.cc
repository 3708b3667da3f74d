// The program behind the first half of tools/stress; its usage text is there.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/stress.h"

namespace blixard::memory::schedules {
namespace {

constexpr uint64_t kQuickSchedules = 200'000;
constexpr uint64_t kQuickSchedulesPerBug = 50'000;

enum ExitCode { kPassed = 0, kFailed = 1, kWrongUsage = 2 };

struct Flags {
  StressOptions stress = {.jobs =
                              static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
  bool quick = false;
  std::string output = "text";
  std::string protocol = {};
  uint64_t replay = 0;
};

void ShowProgress(uint64_t done, uint64_t all) {
  std::cerr << fmt::format("\r{:L} of {:L} schedules", done, all) << (done == all ? "\n" : "");
}

void PrintText(const StressResult& result) {
  std::cout << fmt::format(
      "{:20} {:>10} schedules {:>12} steps {:6.1f} cpu s {:3} of {:3} bugs {}\n", result.protocol,
      result.schedules, result.steps, result.cpu_seconds, result.bugs - result.missed.size(),
      result.bugs, result.passed() ? "ok" : "FAILED");
  for (const std::string& bug : result.missed) std::cout << "  not found: " << bug << '\n';
  if (!result.failure.failed) return;
  std::cout << "  replay: tools/stress --protocol " << result.protocol << " --replay "
            << result.failure.seed << '\n'
            << result.failure;
}

// Names and messages are ours: no character of them needs an escape.
std::string Json(const StressResult& result) {
  std::string text = fmt::format(
      R"({{"part":"schedules","name":"{}","schedules":{},"steps":{},"cpu_seconds":{:.3f},)"
      R"("bugs_planted":{},"bugs_found":{},"passed":{})",
      result.protocol, result.schedules, result.steps, result.cpu_seconds, result.bugs,
      result.bugs - result.missed.size(), result.passed());
  if (result.failure.failed) {
    text +=
        fmt::format(R"(,"seed":{},"message":"{}")", result.failure.seed, result.failure.message);
  }
  return text + "}";
}

void PrintJson(const std::vector<StressResult>& results) {
  std::cout << "[\n";
  for (size_t i = 0; i < results.size(); ++i) {
    std::cout << Json(results[i]) << (i + 1 < results.size() ? ",\n" : "\n");
  }
  std::cout << "]\n";
}

void PrintSummary(const std::vector<StressResult>& results) {
  uint64_t schedules = 0;
  size_t bugs = 0;
  size_t missed = 0;
  size_t failed = 0;
  for (const StressResult& result : results) {
    schedules += result.schedules;
    bugs += result.bugs;
    missed += result.missed.size();
    failed += result.passed() ? 0 : 1;
  }
  std::cout << fmt::format("{} schedules of {} protocols, {} of {} planted bugs found, {} failed\n",
                           schedules, results.size(), bugs - missed, bugs, failed);
}

int Replay(const Protocol& protocol, uint64_t seed) {
  ExploreResult result = protocol.explore({.seed = seed, .schedules = 1});
  std::cout << protocol.name << ": " << result << '\n';
  return result.failed ? kFailed : kPassed;
}

int Run(const Flags& flags) {
  std::vector<Protocol> protocols = Protocols();
  std::erase_if(protocols, [&](const Protocol& protocol) {
    return !flags.protocol.empty() && protocol.name != flags.protocol;
  });
  if (protocols.empty()) {
    std::cerr << "--protocol: want one of those that a run lists, got " << flags.protocol << '\n';
    return kWrongUsage;
  }
  if (flags.replay != 0) return Replay(protocols.front(), flags.replay);
  const std::vector<StressResult> results = RunStress(protocols, flags.stress);
  if (flags.output == "json") {
    PrintJson(results);
  } else {
    for (const StressResult& result : results) PrintText(result);
    PrintSummary(results);
  }
  const auto passed = [](const StressResult& result) { return result.passed(); };
  return std::all_of(results.begin(), results.end(), passed) ? kPassed : kFailed;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Lock-free protocols of memory_optimization under seeded schedules.");
  auto* schedules =
      app.add_option("--schedules", flags.stress.schedules)->check(CLI::PositiveNumber);
  app.add_option("--seed", flags.stress.seed)->check(CLI::PositiveNumber);
  app.add_option("--jobs", flags.stress.jobs)->check(CLI::Range(1, 1024));
  app.add_flag("--quick", flags.quick);
  app.add_option("--output", flags.output)->check(CLI::IsMember({"text", "json"}));
  auto* protocol = app.add_option("--protocol", flags.protocol);
  app.add_option("--replay", flags.replay)->check(CLI::PositiveNumber)->needs(protocol);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kPassed : kWrongUsage;
  }
  if (flags.quick) {
    if (schedules->count() == 0) flags.stress.schedules = kQuickSchedules;
    flags.stress.schedules_per_bug = kQuickSchedulesPerBug;
  }
  if (isatty(STDERR_FILENO) != 0) flags.stress.progress = ShowProgress;
  return Run(flags);
}

}  // namespace
}  // namespace blixard::memory::schedules

int main(int argc, char** argv) { return blixard::memory::schedules::Main(argc, argv); }
