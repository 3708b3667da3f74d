#include "tests/memory_optimization/schedules/stress.h"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

namespace blixard::memory::schedules {
namespace {

constexpr uint64_t kChunk = 20'000;  // schedules that one thread runs in one go

// What one thread does in one go: a range of seeds, or one planted bug.
struct Work {
  size_t protocol = 0;
  const Bug* bug = nullptr;
  uint64_t seed = 0;
  uint64_t schedules = 0;
};

double ThreadSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class StressRun {
 public:
  StressRun(const std::vector<Protocol>& protocols, const StressOptions& options)
      : protocols_(protocols), options_(options) {
    for (const Protocol& protocol : protocols) results_.push_back({.protocol = protocol.name});
    for (size_t i = 0; i < protocols.size(); ++i) bugs_.push_back(BugsOf(protocols[i]));
    for (size_t i = 0; i < protocols.size(); ++i) AddWork(i);
  }

  std::vector<StressResult> Run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < options_.jobs; ++i) threads.emplace_back([this] { WorkOff(); });
    for (std::thread& thread : threads) thread.join();
    for (StressResult& result : results_) std::sort(result.missed.begin(), result.missed.end());
    return std::move(results_);
  }

 private:
  static std::vector<Bug> BugsOf(const Protocol& protocol) {
    std::vector<Bug> bugs = protocol.bugs;
    for (Bug& bug : RelaxedOrders(protocol)) bugs.push_back(std::move(bug));
    return bugs;
  }

  void AddWork(size_t protocol) {
    for (const Bug& bug : bugs_[protocol]) {
      work_.push_back({.protocol = protocol,
                       .bug = &bug,
                       .seed = options_.seed,
                       .schedules = options_.schedules_per_bug});
    }
    const uint64_t share = (options_.schedules + protocols_.size() - 1) / protocols_.size();
    for (uint64_t done = 0; done < share; done += kChunk) {
      work_.push_back({.protocol = protocol,
                       .seed = options_.seed + done,
                       .schedules = std::min(kChunk, share - done)});
    }
    all_ += share;
  }

  void WorkOff() {
    for (size_t next = next_++; next < work_.size(); next = next_++) {
      const Work& work = work_[next];
      const Explorer& explore =
          work.bug != nullptr ? work.bug->explore : protocols_[work.protocol].explore;
      const double start = ThreadSeconds();
      ExploreResult result = explore({.seed = work.seed, .schedules = work.schedules});
      const std::lock_guard lock(mutex_);
      results_[work.protocol].cpu_seconds += ThreadSeconds() - start;
      Note(work, std::move(result));
    }
  }

  void Note(const Work& work, ExploreResult result) {
    StressResult& sum = results_[work.protocol];
    if (work.bug != nullptr) {
      ++sum.bugs;
      if (!result.failed) sum.missed.push_back(work.bug->name);
      return;
    }
    sum.schedules += result.schedules;
    sum.steps += result.steps;
    done_ += work.schedules;
    if (result.failed && (!sum.failure.failed || result.seed < sum.failure.seed)) {
      sum.failure = std::move(result);
    }
    if (options_.progress != nullptr) options_.progress(done_, all_);
  }

  const std::vector<Protocol>& protocols_;
  const StressOptions& options_;
  std::vector<std::vector<Bug>> bugs_;
  std::vector<Work> work_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::vector<StressResult> results_;
  uint64_t done_ = 0;
  uint64_t all_ = 0;
};

}  // namespace

std::vector<StressResult> RunStress(const std::vector<Protocol>& protocols,
                                    const StressOptions& options) {
  return StressRun(protocols, options).Run();
}

}  // namespace blixard::memory::schedules
