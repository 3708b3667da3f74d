// What the protocol itself costs: from a proposal to its entry handed out for applying, without
// disk, network and threads.
#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <cstdint>
#include <string>

#include "bench/raft/core_group.h"
#include "bench/rows.h"
#include "memory_optimization/allocation_tracker.h"

namespace blixard::bench {
namespace {

constexpr size_t kPayloadBytes = 256;
constexpr size_t kSmallPayloadBytes = 16;
constexpr uint64_t kEntriesPerSnapshot = 2 << 10;  // then the log is compacted

// Time of the processor, as other programs run beside this one: nanoseconds for each of `count`.
benchmark::Counter CpuNanoseconds(double count) {
  return {count / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert};
}

// One proposal at a time.
void BM_CoreProposal(benchmark::State& state) {
  const std::string payload(kPayloadBytes, 'p');
  CoreGroup group(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) {
    group.Propose(payload);
    group.Settle();
    benchmark::DoNotOptimize(group.applied_bytes());
    if (group.applied() % kEntriesPerSnapshot == 0) group.Compact();
  }
  state.counters["cpu_ns"] = CpuNanoseconds(static_cast<double>(state.iterations()));
}
BENCHMARK(BM_CoreProposal)->ArgName("voters")->Arg(1)->Arg(2)->Arg(3);

// As many proposals at once as wait for the last batch: what is outstanding forms the batches.
void BM_CoreBatches(benchmark::State& state) {
  const std::string payload(kSmallPayloadBytes, 'p');
  const auto outstanding = static_cast<uint64_t>(state.range(0));
  CoreGroup group(3);
  for (auto _ : state) {
    for (uint64_t i = 0; i < outstanding; ++i) group.Propose(payload);
    group.Settle();
    benchmark::DoNotOptimize(group.applied_bytes());
    if (group.applied() % kEntriesPerSnapshot == 0) group.Compact();
  }
  const double proposals =
      static_cast<double>(state.iterations()) * static_cast<double>(outstanding);
  state.counters["millions_per_second"] =
      benchmark::Counter(proposals / 1e6, benchmark::Counter::kIsRate);
}
BENCHMARK(BM_CoreBatches)->ArgName("outstanding")->Arg(64)->Arg(512);

// Once the group has run for a while, between two snapshots.
void BM_CoreAllocations(benchmark::State& state) {
  CHECK(memory::AllocationTracker::Counting()) << "nothing counts: link the allocation hook";
  const std::string payload(kPayloadBytes, 'p');
  CoreGroup group(static_cast<uint64_t>(state.range(0)));
  const auto propose_all = [&] {
    for (uint64_t i = 0; i < kEntriesPerSnapshot; ++i) {
      group.Propose(payload);
      group.Settle();
    }
  };
  constexpr int kRoundsToWarmUp = 4;
  for (int i = 0; i < kRoundsToWarmUp; ++i) {
    propose_all();
    group.Compact();
  }
  uint64_t allocations = 0;
  for (auto _ : state) {
    memory::AllocationTracker tracker("core proposals");
    propose_all();
    allocations = tracker.Finish().allocations;
  }
  state.counters["allocations"] = static_cast<double>(allocations);
}
BENCHMARK(BM_CoreAllocations)->ArgName("voters")->Arg(1)->Arg(3)->Iterations(1);

const bool kRows = Promise({{.subject = "core: 256-byte proposal, one voter, propose to apply",
                             .benchmark = "BM_CoreProposal/voters:1",
                             .counter = "cpu_ns",
                             .reach = 200},
                            {.subject = "core: 256-byte proposal, two voters in one thread",
                             .benchmark = "BM_CoreProposal/voters:2",
                             .counter = "cpu_ns"},
                            {.subject = "core: 256-byte proposal, three voters in one thread",
                             .benchmark = "BM_CoreProposal/voters:3",
                             .counter = "cpu_ns"},
                            {.subject = "core: 16-byte proposals, three voters, 512 outstanding",
                             .benchmark = "BM_CoreBatches/outstanding:512",
                             .counter = "millions_per_second",
                             .unit = "million/s",
                             .reach = 3,
                             .higher_is_better = true},
                            {.subject = "core: 16-byte proposals, three voters, 64 outstanding",
                             .benchmark = "BM_CoreBatches/outstanding:64",
                             .counter = "millions_per_second",
                             .unit = "million/s",
                             .higher_is_better = true},
                            {.subject = "core: allocations in 2048 proposals, one voter",
                             .benchmark = "BM_CoreAllocations/voters:1/iterations:1",
                             .counter = "allocations",
                             .unit = "allocations",
                             .reach = 0},
                            {.subject = "core: allocations in 2048 proposals, three voters",
                             .benchmark = "BM_CoreAllocations/voters:3/iterations:1",
                             .counter = "allocations",
                             .unit = "allocations",
                             .reach = 0}});

}  // namespace
}  // namespace blixard::bench
