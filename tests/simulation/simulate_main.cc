// The program behind tools/simulate.
#include <glog/logging.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/simulation/fault_schedule.h"
#include "tests/simulation/history_file.h"
#include "tests/simulation/isolated_run.h"
#include "tests/simulation/seed_search.h"
#include "tests/simulation/world.h"

namespace blixard::raft {
namespace {

constexpr int kClean = 0;
constexpr int kFound = 1;
constexpr int kUsage = 2;
constexpr int kIncomplete = 3;

// Of a seed whose process ended while it was being searched.
constexpr char kHoldsAlone[] =
    "it ended the process or did not end in time, but run again it holds: was it ended from "
    "outside?";

struct Flags {
  SeedSearchOptions search;
  std::string history;
  bool trace = false;
  std::string output = "text";
  std::vector<size_t> faults;  // with one seed: only these
  bool only_faults = false;
};

std::string ReplayCommand(const Flags& flags, uint64_t seed, const std::vector<size_t>& faults) {
  std::string command = absl::StrCat("tools/simulate --start ", seed, " --seeds 1");
  if (flags.search.replicas != 0) absl::StrAppend(&command, " --replicas ", flags.search.replicas);
  absl::StrAppend(&command, " --trace --faults ",
                  faults.empty() ? "none" : absl::StrJoin(faults, ","));
  return command;
}

void PrintRates(const SeedSearchResult& result, std::FILE* out) {
  const double wall = std::max(result.wall_seconds, 1e-9);
  absl::FPrintF(out, "%d seeds in %.1f s: %.0f seeds/s, %.0f simulated s/s, %.1f million events/s",
                result.seeds, result.wall_seconds, static_cast<double>(result.seeds) / wall,
                result.simulated_seconds / wall, static_cast<double>(result.events) / wall / 1e6);
}

void ShowProgress(const SeedSearchResult& result) {
  std::fputs("\r", stderr);
  PrintRates(result, stderr);
  std::fputs("   ", stderr);
}

std::string JsonString(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out + "\"";
}

struct Finding {
  SeedSearchResult search;
  Explanation explanation;
  std::vector<std::string> never_hit;
};

void PrintText(const Flags& flags, const Finding& finding) {
  PrintRates(finding.search, stdout);
  absl::PrintF("; %d checks; slowest recovery %.1f s\n", finding.search.checks,
               finding.search.slowest_heal_seconds);
  for (size_t i = 0; i < kRareCount; ++i) {
    const auto rare = static_cast<Rare>(i);
    absl::PrintF("  %-24s %d\n", RareName(rare), finding.search.coverage.hits(rare));
  }
  for (const std::string& name : finding.never_hit) absl::PrintF("never went: %s\n", name);
  if (!finding.search.failed_seed.has_value()) return;
  const Explanation& why = finding.explanation;
  absl::PrintF("FAILED seed %d: %s\n", *finding.search.failed_seed, why.violation);
  absl::PrintF("needs %d of %d faults:\n", why.needed.size(), why.faults.size());
  for (size_t place : why.needed) absl::PrintF("  [%d] %s\n", place, ToString(why.faults[place]));
  absl::PrintF("replay: %s\n", ReplayCommand(flags, *finding.search.failed_seed, why.needed));
}

void PrintJson(const Flags& flags, const Finding& finding) {
  const SeedSearchResult& search = finding.search;
  const double wall = std::max(search.wall_seconds, 1e-9);
  absl::PrintF(
      "{\"start\":%d,\"seeds\":%d,\"wall_seconds\":%.3f,\"seeds_per_second\":%.1f,"
      "\"simulated_seconds\":%.3f,\"simulated_seconds_per_second\":%.1f,\"events\":%d,"
      "\"checks\":%d,\"slowest_recovery_seconds\":%.3f,\"coverage\":{",
      flags.search.start, search.seeds, search.wall_seconds,
      static_cast<double>(search.seeds) / wall, search.simulated_seconds,
      search.simulated_seconds / wall, search.events, search.checks, search.slowest_heal_seconds);
  for (size_t i = 0; i < kRareCount; ++i) {
    const auto rare = static_cast<Rare>(i);
    absl::PrintF("%s\"%s\":%d", i == 0 ? "" : ",", RareName(rare), search.coverage.hits(rare));
  }
  absl::PrintF("},\"never_hit\":[");
  for (size_t i = 0; i < finding.never_hit.size(); ++i) {
    absl::PrintF("%s\"%s\"", i == 0 ? "" : ",", finding.never_hit[i]);
  }
  absl::PrintF("],\"complete\":%s,\"failure\":", search.incomplete ? "false" : "true");
  if (!search.failed_seed.has_value()) {
    absl::PrintF("null}\n");
    return;
  }
  const Explanation& why = finding.explanation;
  absl::PrintF("{\"seed\":%d,\"violation\":%s,\"faults\":[", *search.failed_seed,
               JsonString(why.violation));
  for (size_t i = 0; i < why.needed.size(); ++i) {
    absl::PrintF("%s%s", i == 0 ? "" : ",", JsonString(ToString(why.faults[why.needed[i]])));
  }
  absl::PrintF("],\"replay\":%s}}\n",
               JsonString(ReplayCommand(flags, *search.failed_seed, why.needed)));
}

int Search(const Flags& flags) {
  Finding finding;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  finding.search = SearchSeeds(flags.search, terminal ? ShowProgress : nullptr);
  if (terminal) std::fputs("\n", stderr);
  if (finding.search.failed_seed.has_value()) {
    finding.explanation =
        ExplainFailure({.seed = *finding.search.failed_seed, .replicas = flags.search.replicas});
    if (finding.explanation.violation.empty()) finding.explanation.violation = kHoldsAlone;
  } else if (finding.search.seeds >= kSeedsForCoverage && flags.search.replicas == 0) {
    finding.never_hit = NeverHit(finding.search.coverage);
  }
  if (flags.output == "json") {
    PrintJson(flags, finding);
  } else {
    PrintText(flags, finding);
  }
  if (finding.search.failed_seed.has_value() || !finding.never_hit.empty()) return kFound;
  if (!finding.search.incomplete) return kClean;
  absl::FPrintF(stderr, "tools/simulate: want %d seeds, got %d: a process was ended from outside\n",
                flags.search.seeds, finding.search.seeds);
  return kIncomplete;
}

// One seed, here, to be looked at.
int RunOne(const Flags& flags) {
  WorldOptions options{
      .seed = flags.search.start, .replicas = flags.search.replicas, .keep_trace = flags.trace};
  if (flags.only_faults) {
    const std::vector<Fault> all = WorldFaults(options);
    options.faults.emplace();
    for (size_t place : flags.faults) {
      if (place >= all.size()) {
        absl::FPrintF(stderr, "--faults: want places below %d, got %d\n", all.size(), place);
        return kUsage;
      }
      options.faults->push_back(all[place]);
    }
  }
  options.print_trace = flags.trace;
  const WorldResult result = RunWorld(options);
  if (!flags.history.empty()) {
    std::ofstream file(flags.history, std::ios::binary | std::ios::trunc);
    file << FormatHistory(result.history);
    if (!file.flush()) {
      absl::FPrintF(stderr, "--history: %s cannot be written\n", flags.history);
      return kUsage;
    }
  }
  absl::FPrintF(stderr,
                "seed %d: %d replicas, %.3f simulated s, %d events, %d operations, hash %x\n",
                options.seed, result.replicas, static_cast<double>(result.simulated) / kSecond,
                result.events, result.history.size(), result.trace_hash);
  if (result.violation.empty()) return kClean;
  absl::PrintF("FAILED seed %d: %s\n", options.seed, result.violation);
  return kFound;
}

// In a process of its own, so that a broken invariant of the code (a CHECK) is a finding here, too.
// What is traced may wait for its reader, so only without a trace there is a limit.
int Show(const Flags& flags) {
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    if (!flags.trace) alarm(kSecondsPerSeed);
    const int code = RunOne(flags);
    std::fflush(nullptr);
    _exit(code);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) <= kUsage) return WEXITSTATUS(status);
  absl::PrintF("FAILED seed %d: %s\n", flags.search.start, DescribedEnd(status));
  return kFound;
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Runs whole clusters of the real Raft core, log and runtime logic on virtual time, network\n"
      "and disks under faults drawn from a seed, and checks every invariant after every step.",
      "tools/simulate");
  Flags flags;
  std::string faults;
  flags.search.jobs = std::max(1u, std::thread::hardware_concurrency());
  app.add_option("--seeds", flags.search.seeds, "How many seeds")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->default_val(1000);
  app.add_option("--start", flags.search.start, "The first seed")->default_val(1);
  app.add_option("--replicas", flags.search.replicas, "1, 3, 5 or 7; otherwise by the seed")
      ->check(CLI::IsMember({1, 3, 5, 7}));
  app.add_option("--jobs", flags.search.jobs, "Processes at once; otherwise one per CPU")
      ->check(CLI::Range(1, 256));
  app.add_option("--history", flags.history,
                 "Write the clients' history, one JSON line per operation (with --seeds 1)");
  app.add_flag("--trace", flags.trace, "Print every event (with --seeds 1)");
  app.add_option("--faults", faults,
                 "Only these faults of the schedule: their places, or none (with --seeds 1)");
  app.add_option("--output", flags.output, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.footer(
      "Examples:\n"
      "  tools/simulate --seeds 20000\n"
      "  tools/simulate --start 4711 --seeds 1 --trace\n"
      "  tools/simulate --start 4711 --seeds 1 --history /tmp/history.jsonl\n\n"
      "On a failure it prints the seed, what was violated, the faults without which it does not\n"
      "happen, and the command that repeats it. A seed that ends its process has failed, and one\n"
      "that has not ended after two minutes.\n\n"
      "Exit codes: 0 nothing was violated; 1 something was, or a rare path was never taken over\n"
      "500 seeds or more; 2 wrong usage; 3 not every seed could be run.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // how CLI11 says "wrong usage" and "help was asked for"
    return app.exit(error) == 0 ? kClean : kUsage;
  }
  flags.only_faults = !faults.empty();
  const bool single = !flags.history.empty() || flags.trace || flags.only_faults;
  if (single && flags.search.seeds != 1) {
    std::cerr << "--history, --trace and --faults: want --seeds 1, got " << flags.search.seeds
              << "\n";
    return kUsage;
  }
  if (single && flags.output != "text") {
    std::cerr << "--output: want text with --history, --trace or --faults, got " << flags.output
              << "\n";
    return kUsage;
  }
  if (flags.only_faults && faults != "none") {
    for (absl::string_view place : absl::StrSplit(faults, ',')) {
      if (!absl::SimpleAtoi(place, &flags.faults.emplace_back())) {
        std::cerr << "--faults: want numbers separated by commas, got " << faults << "\n";
        return kUsage;
      }
    }
  }
  return single ? Show(flags) : Search(flags);
}

}  // namespace
}  // namespace blixard::raft

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_minloglevel = google::GLOG_FATAL;  // what replicas complain of is what the faults are for
  return blixard::raft::Main(argc, argv);
}
