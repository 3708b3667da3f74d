// Runs the load of tracker_load.h for some time and prints the nanoseconds of one round: the median
// of many short stretches. Started by tracker_overhead, built with the allocation hook and without.
//
//   tracker_load MODE MILLISECONDS        MODE: plain, off, counts, sampled, all
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/memory_optimization/tracker_load.h"
#include "memory_optimization/allocation_switch.h"

namespace blixard::bench {
namespace {

using memory::AllocationTracking;
using Clock = std::chrono::steady_clock;

constexpr int kRoundsOfAStretch = 500;

bool Switch(std::string_view mode) {
  const std::map<std::string_view, AllocationTracking> modes = {
      {"off", AllocationTracking::kOff},
      {"counts", AllocationTracking::kCounts},
      {"sampled", AllocationTracking::kSampledSites},
      {"all", AllocationTracking::kAllSites}};
  const auto found = modes.find(mode);
  if (mode == "plain") return true;  // without the hook, or as a profiler runs it
  if (found == modes.end()) {
    std::cerr << "tracker_load: unknown mode \"" << mode
              << "\"; want plain, off, counts, sampled or all\n";
    return false;
  }
  const absl::Status status = memory::SetAllocationTracking(found->second);
  if (!status.ok()) std::cerr << "tracker_load: " << status << '\n';
  return status.ok();
}

double NanosecondsOfARound(std::chrono::milliseconds time) {
  std::vector<double> stretches;
  stretches.reserve(100'000);
  volatile uint64_t sink = 0;
  uint64_t seed = 1;
  const Clock::time_point end = Clock::now() + time;
  for (Clock::time_point from = Clock::now(); from < end;) {
    for (int i = 0; i < kRoundsOfAStretch; ++i) sink = sink + RunTrackerLoad(seed++ % 64);
    const Clock::time_point to = Clock::now();
    stretches.push_back(std::chrono::duration<double, std::nano>(to - from).count() /
                        kRoundsOfAStretch);
    from = to;
  }
  // The quarter that nobody disturbed.
  std::sort(stretches.begin(), stretches.end());
  return stretches[stretches.size() / 4];
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: tracker_load plain|off|counts|sampled|all MILLISECONDS\n";
    return 2;
  }
  // The C library leaves lock prefixes out while a process has one thread.
  std::thread([] {}).join();
  if (!blixard::bench::Switch(argv[1])) return 1;
  const std::chrono::milliseconds time(std::max(1, std::atoi(argv[2])));
  std::printf("%.3f\n", blixard::bench::NanosecondsOfARound(time));
}
