// The main of every benchmark program: runs the benchmarks several times in mixed order, takes
// medians, and prints the promised rows.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bench/result.h"
#include "bench/rows.h"

namespace blixard::bench {
namespace {

struct Options {
  std::string group;
  std::string filter;
  std::string output = "text";
  int repetitions = 7;
  bool quick = false;
};

// glibc and malloc take cheaper paths while a process has one thread; no daemon has one thread.
class SecondThread {
 public:
  SecondThread() : thread_([this] { WaitForEnd(); }) {}
  ~SecondThread() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

 private:
  void WaitForEnd() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

// Figures of all repetitions, by "benchmark" (time) and "benchmark#counter".
class Figures : public benchmark::BenchmarkReporter {
 public:
  explicit Figures(bool show_progress) : show_progress_(show_progress) {}

  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) Add(run);
  }

  bool Has(const std::string& key) const { return values_.contains(key); }
  double Median(const std::string& key) const {
    std::vector<double> sorted = values_.at(key);
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
  }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  void Add(const Run& run) {
    if (run.run_type != Run::RT_Iteration) return;
    const std::string name = run.benchmark_name();
    if (run.error_occurred) {
      errors_.push_back(name + ": " + run.error_message);
      return;
    }
    const double nanoseconds =
        run.real_accumulated_time * 1e9 / static_cast<double>(std::max<int64_t>(run.iterations, 1));
    values_[name].push_back(nanoseconds * static_cast<double>(run.threads));
    for (const auto& [counter, value] : run.counters)
      values_[name + "#" + counter].push_back(value);
    if (show_progress_) fmt::print(stderr, "\r\033[K{}", name);
  }

  const bool show_progress_;
  std::map<std::string, std::vector<double>> values_;
  std::vector<std::string> errors_;
};

std::string KeyOf(const Row& row, const std::string& name) {
  return row.counter.empty() ? name : name + "#" + row.counter;
}

void Judge(Result& result, double figure, double bound, bool at_least, const std::string& unit) {
  result.target = fmt::format("{} {:.4g} {}", at_least ? ">=" : "<=", bound, unit);
  result.reached = at_least ? figure >= bound : figure <= bound;
}

Result BesidePeer(const Row& row, const Peer& peer, Result result, const Figures& figures) {
  result.peer = peer.name;
  result.peer_value = figures.Median(KeyOf(row, peer.benchmark));
  result.ratio =
      row.higher_is_better ? result.value / *result.peer_value : *result.peer_value / result.value;
  if (peer.ratio != 0) Judge(result, *result.ratio, peer.ratio, true, "times");
  return result;
}

// Rows without a figure, because a filter left them out, are left out too.
std::vector<Result> Compute(const Options& options, const Figures& figures) {
  std::vector<Result> results;
  for (const Row& row : PromisedRows()) {
    const std::string key = KeyOf(row, row.benchmark);
    if (!figures.Has(key)) continue;
    Result result{.group = options.group,
                  .subject = row.subject,
                  .value = figures.Median(key),
                  .unit = row.unit};
    if (row.reach.has_value() || row.peers.empty()) results.push_back(result);
    if (row.reach.has_value()) {
      Judge(results.back(), result.value, *row.reach, row.higher_is_better, row.unit);
    }
    for (const Peer& peer : row.peers) {
      if (!figures.Has(KeyOf(row, peer.benchmark))) continue;
      results.push_back(BesidePeer(row, peer, result, figures));
    }
  }
  return results;
}

// Promised names that nothing measured: a row that silently vanished would look like success.
std::vector<std::string> FindMissing(const Figures& figures) {
  std::vector<std::string> missing;
  const auto want = [&](const std::string& key) {
    if (!figures.Has(key)) missing.push_back(key);
  };
  for (const Row& row : PromisedRows()) {
    want(KeyOf(row, row.benchmark));
    for (const Peer& peer : row.peers) want(KeyOf(row, peer.benchmark));
  }
  return missing;
}

void InitializeBenchmarks(const Options& options, const char* program) {
  std::vector<std::string> words = {
      program, fmt::format("--benchmark_repetitions={}", options.quick ? 1 : options.repetitions),
      fmt::format("--benchmark_min_time={}", options.quick ? 0.02 : 0.1),
      "--benchmark_enable_random_interleaving=true",
      fmt::format("--benchmark_filter={}", options.filter.empty() ? "all" : options.filter)};
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
}

int Run(const Options& options, const char* program) {
  InitializeBenchmarks(options, program);
  const SecondThread second_thread;
  const bool on_terminal = isatty(STDERR_FILENO) != 0;
  Figures figures(on_terminal);
  benchmark::RunSpecifiedBenchmarks(&figures);
  if (on_terminal) fmt::print(stderr, "\r\033[K");
  const std::vector<Result> results = Compute(options, figures);
  options.output == "json" ? PrintJson(results, stdout) : PrintText(results, stdout);
  std::vector<std::string> problems = figures.errors();
  if (options.filter.empty()) {
    for (const std::string& key : FindMissing(figures)) problems.push_back(key + ": not measured");
  }
  for (const std::string& problem : problems) fmt::print(stderr, "{}\n", problem);
  return problems.empty() ? 0 : 1;
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  blixard::bench::Options options;
  CLI::App app("Measures each subject beside its peers and prints the promised rows.");
  app.footer(
      "Example: memory_benchmarks --filter=BM_Arena --output=json\n"
      "Exit codes: 0 measured, targets reached or not; 1 a benchmark failed or is missing; 2 wrong "
      "usage.");
  app.add_option("--group", options.group, "the group named in the rows");
  app.add_option("--filter", options.filter, "only benchmarks that match this regular expression");
  app.add_option("--output", options.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--repetitions", options.repetitions, "runs of each benchmark; medians are shown")
      ->check(CLI::Range(1, 1000));
  app.add_flag("--quick", options.quick, "one short run each, for a first look");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return blixard::bench::Run(options, argv[0]);
}
