// Three processes on loopback, every proposal synced by two of them before it is answered: our
// replicas, over each of our transports, and C-raft's under the same load, in turns within one run.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/raft/load_command.h"
#include "bench/raft/process_group.h"
#include "bench/result.h"

namespace blixard::bench {
namespace {

struct Options {
  std::string directory = std::filesystem::temp_directory_path();
  std::string output = "text";
  uint64_t milliseconds = 250;
  size_t turns = 8;
  int rounds = 7;
  bool quick = false;
  std::optional<uint64_t> spin_microseconds;  // nothing: as the transport has it

  std::string tcp() const {
    return spin_microseconds.has_value() ? fmt::format("tcp:{}", *spin_microseconds) : "tcp";
  }
};

// Proposals outstanding, and how many times the peer's rate is wanted.
struct Window {
  size_t outstanding;
  double ratio;
};
constexpr Window kWindows[] = {{1, 1.0}, {64, 2.0}, {512, 3.0}};

// A kind of replica under measurement.
struct Side {
  std::string name;  // in the subjects
  std::vector<std::string> program;
  bool promised = true;                                    // has targets
  std::map<size_t, std::vector<LoadResult>> results = {};  // by outstanding, one of each round
};

template <class Figure>
double Median(size_t count, const Figure& figure) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(figure(i));
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of one figure over the rounds.
struct Spread {
  double lowest;
  double median;
  double highest;
};

template <class Figure>
Spread SpreadOf(size_t count, const Figure& figure) {
  Spread spread = {.lowest = figure(0), .median = Median(count, figure), .highest = figure(0)};
  for (size_t i = 1; i < count; ++i) {
    spread.lowest = std::min(spread.lowest, figure(i));
    spread.highest = std::max(spread.highest, figure(i));
  }
  return spread;
}

LoadResult MedianOf(const std::vector<LoadResult>& turns) {
  return {.per_second = Median(turns.size(), [&](size_t i) { return turns[i].per_second; }),
          .p50_us = Median(turns.size(), [&](size_t i) { return turns[i].p50_us; }),
          .p99_us = Median(turns.size(), [&](size_t i) { return turns[i].p99_us; })};
}

class Comparison {
 public:
  Comparison(const Options& options, const std::string& folder)
      : options_(options),
        scratch_(fmt::format("{}/beside_c_raft.{}", options.directory, getpid())),
        sides_({{.name = "C-raft 0.15", .program = {folder + "/c_raft_process"}},
                {.name = "TCP", .program = {folder + "/replica_process", options.tcp()}},
                {.name = "gRPC",
                 .program = {folder + "/replica_process", "grpc"},
                 .promised = false}}) {}
  ~Comparison() { std::filesystem::remove_all(scratch_); }

  bool Run() {
    const uint64_t stretches = std::size(kWindows) * sides_.size() * options_.turns;
    fmt::print(stderr, "beside_c_raft: {} rounds of {} stretches of {} ms: {:.0f} s and more\n",
               options_.rounds, stretches, options_.milliseconds,
               static_cast<double>(options_.rounds * stretches * options_.milliseconds) / 1000);
    bool done = true;
    for (int round = 0; done && round < options_.rounds; ++round) done = RunRound(round);
    ShowProgress("");
    return done;
  }

  std::vector<Result> Results() const {
    std::vector<Result> results;
    for (size_t side = 1; side < sides_.size(); ++side) {
      for (const Window& window : kWindows) {
        results.push_back(RateOf(window, sides_[side]));
        results.push_back(LatencyOf(window, sides_[side]));
      }
    }
    return results;
  }

 private:
  // New groups every round: none ages. Within it the sides take short turns, so that a machine
  // that grows faster or slower meanwhile does so for all of them.
  bool RunRound(int round) {
    const std::string directory = fmt::format("{}/{}", scratch_, round);
    std::vector<std::unique_ptr<ProcessGroup>> groups;
    for (size_t i = 0; i < sides_.size(); ++i) {
      groups.push_back(
          std::make_unique<ProcessGroup>(sides_[i].program, fmt::format("{}/{}", directory, i)));
    }
    for (const Window& window : kWindows) {
      ShowProgress(fmt::format("round {} of {}: {} outstanding", round + 1, options_.rounds,
                               window.outstanding));
      if (!TakeTurns(groups, window)) return false;
    }
    groups.clear();
    std::filesystem::remove_all(directory);
    return true;
  }

  // Each turn begins with another side.
  bool TakeTurns(const std::vector<std::unique_ptr<ProcessGroup>>& groups, const Window& window) {
    std::vector<std::vector<LoadResult>> turns(sides_.size());
    for (size_t turn = 0; turn < options_.turns; ++turn) {
      for (size_t i = 0; i < sides_.size(); ++i) {
        const size_t side = (i + turn) % sides_.size();
        const std::optional<LoadResult> result = groups[side]->Load(
            {.outstanding = window.outstanding, .milliseconds = options_.milliseconds});
        if (!result.has_value()) {
          fmt::print(stderr, "beside_c_raft: {} did not get through {} outstanding\n",
                     sides_[side].name, window.outstanding);
          return false;
        }
        turns[side].push_back(*result);
      }
    }
    for (size_t i = 0; i < sides_.size(); ++i) {
      sides_[i].results[window.outstanding].push_back(MedianOf(turns[i]));
    }
    return true;
  }

  // On a terminal only, in place of what it showed before.
  void ShowProgress(const std::string& text) const {
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K{}", text);
  }

  const std::vector<LoadResult>& PeerAt(const Window& window) const {
    return sides_.front().results.at(window.outstanding);
  }

  Result RateOf(const Window& window, const Side& side) const {
    const auto& ours = side.results.at(window.outstanding);
    const auto& theirs = PeerAt(window);
    const size_t count = ours.size();
    const Spread ratio =
        SpreadOf(count, [&](size_t i) { return ours[i].per_second / theirs[i].per_second; });
    Result result = {
        .group = "raft",
        .subject = fmt::format("3 processes, fsync, 256 B, {}, {} outstanding", side.name,
                               window.outstanding),
        .value = Median(count, [&](size_t i) { return ours[i].per_second / 1000; }),
        .unit = "thousand/s",
        .peer = sides_.front().name,
        .peer_value = Median(count, [&](size_t i) { return theirs[i].per_second / 1000; }),
        .ratio = ratio.median,
        .lowest_ratio = ratio.lowest,
        .highest_ratio = ratio.highest};
    if (side.promised) {
      result.target = fmt::format(">= {} times", window.ratio);
      result.reached = *result.ratio >= window.ratio;
    }
    return result;
  }

  Result LatencyOf(const Window& window, const Side& side) const {
    const auto& ours = side.results.at(window.outstanding);
    const auto& theirs = PeerAt(window);
    const size_t count = ours.size();
    const Spread ratio =
        SpreadOf(count, [&](size_t i) { return theirs[i].p99_us / ours[i].p99_us; });
    return {.group = "raft",
            .subject = fmt::format("  99th percentile of the latency, {}, {} outstanding",
                                   side.name, window.outstanding),
            .value = Median(count, [&](size_t i) { return ours[i].p99_us; }),
            .unit = "us",
            .peer = sides_.front().name,
            .peer_value = Median(count, [&](size_t i) { return theirs[i].p99_us; }),
            .ratio = ratio.median,
            .lowest_ratio = ratio.lowest,
            .highest_ratio = ratio.highest};
  }

  const Options options_;
  const std::string scratch_;
  std::vector<Side> sides_;  // the peer first
};

int Run(Options options, const std::string& folder) {
  if (options.quick) {
    options.rounds = 3;  // the fewest of which a median says something
    options.turns = 3;
  }
  Comparison comparison(options, folder);
  if (!comparison.Run()) return 1;
  const std::vector<Result> results = comparison.Results();
  options.output == "json" ? PrintJson(results, stdout) : PrintText(results, stdout);
  return 0;
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  blixard::bench::Options options;
  CLI::App app("Measures three replicas as processes beside three of C-raft.");
  app.footer(
      "Example: beside_c_raft --rounds=3 --output=json\n"
      "Exit codes: 0 measured, targets reached or not; 1 something failed; 2 wrong usage.");
  app.add_option("--directory", options.directory, "where the logs go: a disk, not tmpfs");
  app.add_option("--output", options.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--milliseconds", options.milliseconds, "a turn of one side")
      ->check(CLI::Range(50, 600'000));
  app.add_option("--turns", options.turns, "of each side at each load; a round is their median")
      ->check(CLI::Range(1, 1000));
  app.add_option("--rounds", options.rounds, "with new groups; medians are over the rounds")
      ->check(CLI::Range(1, 1000));
  app.add_option("--spin-microseconds", options.spin_microseconds,
                 "how long our TCP transport may look before it sleeps; 0: never");
  app.add_flag("--quick", options.quick, "3 rounds of 3 turns, for a first look");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const std::string folder = std::filesystem::canonical(argv[0]).parent_path();
  return blixard::bench::Run(options, folder);
}
