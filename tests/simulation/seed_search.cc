#include "tests/simulation/seed_search.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <numeric>

#include "tests/simulation/isolated_run.h"
#include "tests/simulation/shrink.h"
#include "tests/simulation/violation_class.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxShrinkRuns = 300;
// A failure that hangs takes kSecondsPerSeed for each run.
constexpr std::chrono::minutes kMaxShrinkTime{10};

// One write to a pipe, smaller than what a pipe keeps in one piece.
struct Report {
  uint64_t seed = 0;
  bool finished = false;  // false: it begins
  bool violated = false;
  uint64_t events = 0;
  uint64_t checks = 0;
  VirtualTime simulated = 0;
  VirtualTime healed = 0;
  Coverage coverage = {};
};
static_assert(sizeof(Report) <= PIPE_BUF);

class Worker {
 public:
  Worker(const SeedSearchOptions& options, uint32_t number) {
    std::array<int, 2> channel;
    PCHECK(pipe2(channel.data(), O_CLOEXEC) == 0);
    pid_ = fork();
    PCHECK(pid_ >= 0);
    if (pid_ == 0) {
      close(channel[0]);
      Work(options, number, channel[1]);
    }
    close(channel[1]);
    channel_ = channel[0];
  }

  int channel() const { return channel_; }

  // The next report; none when the worker has ended.
  std::optional<Report> Next() {
    Report report;
    const ssize_t got = read(channel_, &report, sizeof report);
    if (got != sizeof report) return std::nullopt;
    current_.reset();
    if (!report.finished) current_ = report.seed;
    return report;
  }

  // The seed under way, if any: when the worker ended in the middle, it died of that seed.
  std::optional<uint64_t> current() const { return current_; }

  void End() {
    kill(pid_, SIGKILL);
    close(channel_);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

 private:
  [[noreturn]] static void Work(const SeedSearchOptions& options, uint32_t number, int channel) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);  // the failing seed is run again to be heard
    for (uint64_t i = number; i < options.seeds; i += options.jobs) {
      Report report{.seed = options.start + i};
      if (write(channel, &report, sizeof report) != sizeof report) _exit(1);
      alarm(kSecondsPerSeed);
      const WorldResult result = options.run({.seed = report.seed, .replicas = options.replicas});
      report.finished = true;
      report.violated = !result.violation.empty();
      report.events = result.events;
      report.checks = result.checks;
      report.simulated = result.simulated;
      report.healed = result.converged_after;
      report.coverage = result.coverage;
      if (write(channel, &report, sizeof report) != sizeof report) _exit(1);
    }
    _exit(0);
  }

  pid_t pid_ = 0;
  int channel_ = -1;
  std::optional<uint64_t> current_;
};

void Add(const Report& report, SeedSearchResult& result) {
  if (!report.finished) return;
  ++result.seeds;
  result.events += report.events;
  result.checks += report.checks;
  result.simulated_seconds += static_cast<double>(report.simulated) / kSecond;
  result.slowest_heal_seconds =
      std::max(result.slowest_heal_seconds, static_cast<double>(report.healed) / kSecond);
  result.coverage.Add(report.coverage);
  if (report.violated) result.failed_seed = report.seed;
}

// Reads what is there; returns whether the worker goes on.
bool Listen(Worker& worker, SeedSearchResult& result) {
  const std::optional<Report> report = worker.Next();
  if (report.has_value()) {
    Add(*report, result);
    return true;
  }
  if (worker.current().has_value()) result.failed_seed = worker.current();
  worker.End();
  return false;
}

}  // namespace

SeedSearchResult SearchSeeds(const SeedSearchOptions& options,
                             const std::function<void(const SeedSearchResult&)>& progress) {
  const Clock::time_point begin = Clock::now();
  SeedSearchResult result;
  std::vector<Worker> workers;
  for (uint32_t i = 0; i < options.jobs; ++i) workers.emplace_back(options, i);
  Clock::time_point told = begin;
  while (!workers.empty() && !result.failed_seed.has_value()) {
    std::vector<pollfd> waits;
    for (const Worker& worker : workers) {
      waits.push_back({.fd = worker.channel(), .events = POLLIN, .revents = 0});
    }
    poll(waits.data(), waits.size(), 1000);
    for (size_t i = waits.size(); i-- > 0;) {
      if (waits[i].revents != 0 && !Listen(workers[i], result)) {
        workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    result.wall_seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (Clock::now() - told < std::chrono::seconds(1)) continue;
    told = Clock::now();
    if (progress) progress(result);
  }
  for (Worker& worker : workers) worker.End();
  result.incomplete = !result.failed_seed.has_value() && result.seeds != options.seeds;
  return result;
}

std::vector<std::string> NeverHit(const Coverage& coverage) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kRareCount; ++i) {
    const auto rare = static_cast<Rare>(i);
    if (coverage.hits(rare) == 0) names.emplace_back(RareName(rare));
  }
  return names;
}

Explanation ExplainFailure(const WorldOptions& options, const WorldRunner& run) {
  const Clock::time_point begin = Clock::now();
  Explanation explanation{.violation = RunIsolated(options, run), .faults = WorldFaults(options)};
  explanation.needed.resize(explanation.faults.size());
  std::iota(explanation.needed.begin(), explanation.needed.end(), 0);
  if (explanation.violation.empty()) return explanation;
  const std::string sort = ViolationClass(explanation.violation);
  const auto fails = [&](const Places& places) {
    if (Clock::now() - begin > kMaxShrinkTime) return false;
    WorldOptions some = options;
    some.faults.emplace();
    for (size_t place : places) some.faults->push_back(explanation.faults[place]);
    const std::string violation = RunIsolated(some, run);
    return !violation.empty() && ViolationClass(violation) == sort;
  };
  explanation.needed = Shrink(std::move(explanation.needed), fails, kMaxShrinkRuns);
  return explanation;
}

}  // namespace blixard::raft
