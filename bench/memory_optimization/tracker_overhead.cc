// What the allocation tracker costs: runs the load of tracker_load.h as processes with the hook and
// without, in pairs one right after the other, and prints the medians of the ratios of the pairs,
// beside those of heaptrack if it is installed.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "bench/result.h"

namespace blixard::bench {
namespace {

struct Options {
  int pairs = 15;
  int milliseconds = 60;
  bool heaptrack = true;
  std::string output = "text";
};

struct Side {
  std::string subject;
  std::string mode;
  double reach;
};

// One figure of one process; nothing when it fails.
std::optional<double> RunProcess(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::optional<double> figure;
  char line[512];
  while (fgets(line, sizeof(line), pipe) != nullptr) {
    char* end = nullptr;
    const double value = std::strtod(line, &end);
    if (end != line && *end == '\n') figure = value;  // heaptrack says other things too
  }
  return pclose(pipe) == 0 ? figure : std::nullopt;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Pairs {
  std::vector<double> plain;
  std::vector<double> ratios;
};

// The order within a pair changes from pair to pair: the second process finds other caches and
// clocks.
bool Measure(const std::string& plain, const std::string& other, int count, Pairs& pairs) {
  for (int i = 0; i < count; ++i) {
    const bool plain_first = i % 2 == 0;
    const std::optional<double> first = RunProcess(plain_first ? plain : other);
    const std::optional<double> second = RunProcess(plain_first ? other : plain);
    if (!first.has_value() || !second.has_value()) {
      std::cerr << "tracker_overhead: cannot run " << plain << " or " << other << '\n';
      return false;
    }
    pairs.plain.push_back(plain_first ? *first : *second);
    pairs.ratios.push_back(plain_first ? *second / *first : *first / *second);
  }
  return true;
}

class Overhead {
 public:
  Overhead(const Options& options, const std::string& folder) : options_(options) {
    const std::string time = " " + std::to_string(options.milliseconds);
    plain_ = folder + "/tracker_load_plain plain" + time;
    system_ = folder + "/tracker_load_system plain" + time;
    hooked_ = folder + "/tracker_load_hooked ";
    time_ = time;
  }

  bool Run() {
    if (options_.heaptrack && !MeasureHeaptrack()) return false;
    const std::vector<Side> sides = {{"tracker linked but off", "off", 1.005},
                                     {"tracker counting", "counts", 1.015},
                                     {"tracker with sampled call sites", "sampled", 1.03},
                                     {"tracker with every call site", "all", 1.25}};
    for (const Side& side : sides) {
      Pairs pairs;
      if (!Measure(plain_, hooked_ + side.mode + time_, options_.pairs, pairs)) return false;
      Add(side, Median(pairs.ratios));
      plain_nanoseconds_.insert(plain_nanoseconds_.end(), pairs.plain.begin(), pairs.plain.end());
    }
    results_.insert(results_.begin(), {.group = "memory",
                                       .subject = "load of 30 allocations, without the tracker",
                                       .value = Median(plain_nanoseconds_),
                                       .unit = "ns"});
    return true;
  }
  const std::vector<Result>& results() const { return results_; }

 private:
  // Few pairs will do for a factor of ten. Its file is thrown away.
  bool MeasureHeaptrack() {
    if (std::system("command -v heaptrack >/dev/null 2>&1") != 0) return true;
    Pairs pairs;
    const std::string under = "heaptrack --raw --output /tmp/tracker_overhead." +
                              std::to_string(getpid()) + " " + system_ + " 2>/dev/null";
    const bool measured = Measure(system_, under, 3, pairs);
    const std::string files = "rm -f /tmp/tracker_overhead." + std::to_string(getpid()) + "*";
    if (std::system(files.c_str()) != 0) return false;
    if (measured) heaptrack_ = Median(pairs.ratios);
    return measured;
  }

  void Add(const Side& side, double value) {
    Result result = {.group = "memory",
                     .subject = side.subject,
                     .value = value,
                     .unit = "of the run time without",
                     .target = fmt::format("<= {}", side.reach),
                     .reached = value <= side.reach};
    if (heaptrack_.has_value()) {
      result.peer = "heaptrack";
      result.peer_value = heaptrack_;
      result.ratio = *heaptrack_ / value;
    }
    results_.push_back(result);
  }

  const Options options_;
  std::string plain_;
  std::string system_;
  std::string hooked_;
  std::string time_;
  std::optional<double> heaptrack_;
  std::vector<double> plain_nanoseconds_;
  std::vector<Result> results_;
};

std::string OwnFolder() {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  const std::string whole(path, length > 0 ? static_cast<size_t>(length) : 0);
  return whole.substr(0, whole.rfind('/'));
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  using namespace blixard::bench;
  Options options;
  bool quick = false;
  CLI::App app("What the allocation tracker costs, beside heaptrack");
  app.add_option("--output", options.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--pairs", options.pairs, "pairs of processes per row")
      ->check(CLI::Range(1, 1000));
  app.add_flag("--quick", quick, "3 short pairs per row");
  app.add_flag("!--no-heaptrack", options.heaptrack, "leave the peer out");
  app.footer("Exit codes: 0 measured, targets reached or not; 1 a process failed; 2 wrong usage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (quick) {
    options.pairs = 3;
    options.milliseconds = 20;
  }
  Overhead overhead(options, OwnFolder());
  if (!overhead.Run()) return 1;
  options.output == "json" ? PrintJson(overhead.results(), stdout)
                           : PrintText(overhead.results(), stdout);
  return 0;
}
