// How fast the simulator runs: simulated seconds of a cluster of three under chaos per second of
// one core.
#include <fmt/format.h>
#include <glog/logging.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "bench/result.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/world.h"

namespace blixard::bench {
namespace {

constexpr double kPromisedRate = 1'000;
constexpr uint64_t kSeeds = 200;
constexpr uint64_t kSeedsForALook = 20;

// A world has one thread, so this is its time on one core, whoever else uses the machine.
double ProcessorSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

int Run(uint64_t seeds, const std::string& output) {
  FLAGS_minloglevel = google::GLOG_FATAL;  // replicas under chaos have much to warn of
  const double begin = ProcessorSeconds();
  double simulated_seconds = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const raft::WorldResult world = raft::RunWorld({.seed = seed, .replicas = 3});
    if (!world.violation.empty()) {
      fmt::print(stderr, "simulator_speed: seed {}: {}\n", seed, world.violation);
      return 1;
    }
    simulated_seconds += static_cast<double>(world.simulated) / raft::kSecond;
  }
  const double rate = simulated_seconds / (ProcessorSeconds() - begin);
  const std::vector<Result> results = {{.group = "raft",
                                        .subject = "simulation of 3 replicas under chaos, one core",
                                        .value = rate,
                                        .unit = "simulated s/s",
                                        .target = fmt::format(">= {} simulated s/s", kPromisedRate),
                                        .reached = rate >= kPromisedRate}};
  output == "json" ? PrintJson(results, stdout) : PrintText(results, stdout);
  return 0;
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  std::string output = "text";
  bool quick = false;
  CLI::App app("Runs simulated clusters of three replicas and says how fast that goes.");
  app.footer(
      "Example: simulator_speed --output=json\n"
      "Exit codes: 0 measured, target reached or not; 1 a run found something; 2 wrong usage.");
  app.add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--quick", quick,
               fmt::format("{} seeds instead of {}", blixard::bench::kSeedsForALook,
                           blixard::bench::kSeeds));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return blixard::bench::Run(quick ? blixard::bench::kSeedsForALook : blixard::bench::kSeeds,
                             output);
}
