// What the protocol itself costs: from a proposal to its entry handed out for applying, without
// disk, network and threads.
#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <cstdint>
#include <memory>
#include <string>

#include "bench/raft/core_group.h"
#include "bench/rows.h"
#include "memory_optimization/allocation_tracker.h"

namespace blixard::bench {
namespace {

constexpr size_t kPayloadBytes = 256;
constexpr size_t kSmallPayloadBytes = 16;
constexpr uint64_t kEntriesPerGroup = 64 << 10;  // then a new group: logs in memory only grow

// One group after the other, each as long as its log may grow.
class Groups {
 public:
  Groups(benchmark::State& state, uint64_t voters) : state_(state), voters_(voters) { Renew(); }

  CoreGroup& Next(uint64_t proposals) {
    if (group_->applied() + proposals > kEntriesPerGroup) {
      state_.PauseTiming();
      Renew();
      state_.ResumeTiming();
    }
    return *group_;
  }

 private:
  void Renew() {
    group_.reset();  // its buffers are the next one's
    group_ = std::make_unique<CoreGroup>(voters_);
  }

  benchmark::State& state_;
  const uint64_t voters_;
  std::unique_ptr<CoreGroup> group_;
};

// One proposal at a time.
void BM_CoreProposal(benchmark::State& state) {
  const std::string payload(kPayloadBytes, 'p');
  Groups groups(state, static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) {
    CoreGroup& group = groups.Next(1);
    group.Propose(payload);
    group.Settle();
    benchmark::DoNotOptimize(group.applied_bytes());
  }
}
BENCHMARK(BM_CoreProposal)->ArgName("voters")->Arg(1)->Arg(2)->Arg(3);

// As many proposals at once as wait for the last batch: what is outstanding forms the batches.
void BM_CoreBatches(benchmark::State& state) {
  const std::string payload(kSmallPayloadBytes, 'p');
  const auto outstanding = static_cast<uint64_t>(state.range(0));
  Groups groups(state, 3);
  for (auto _ : state) {
    CoreGroup& group = groups.Next(outstanding);
    for (uint64_t i = 0; i < outstanding; ++i) group.Propose(payload);
    group.Settle();
    benchmark::DoNotOptimize(group.applied_bytes());
  }
  state.counters["millions_per_second"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(outstanding) / 1e6,
      benchmark::Counter::kIsRate);
}
BENCHMARK(BM_CoreBatches)->ArgName("outstanding")->Arg(64)->Arg(512);

// Allocations per proposal once the group has run for a while, log chunks included.
void BM_CoreAllocations(benchmark::State& state) {
  CHECK(memory::AllocationTracker::Counting()) << "nothing counts: link the allocation hook";
  constexpr uint64_t kProposals = 8 << 10;
  const std::string payload(kPayloadBytes, 'p');
  CoreGroup group(static_cast<uint64_t>(state.range(0)));
  uint64_t allocations = 0;
  const auto propose_all = [&] {
    for (uint64_t i = 0; i < kProposals; ++i) {
      group.Propose(payload);
      group.Settle();
    }
  };
  propose_all();
  for (auto _ : state) {
    memory::AllocationTracker tracker("core proposals");
    propose_all();
    allocations = tracker.Finish().allocations;
  }
  state.counters["per_thousand"] = 1000.0 * static_cast<double>(allocations) / kProposals;
}
BENCHMARK(BM_CoreAllocations)->ArgName("voters")->Arg(1)->Arg(3)->Iterations(1);

const bool kRows = Promise({{.subject = "core: 256-byte proposal, one voter, propose to apply",
                             .benchmark = "BM_CoreProposal/voters:1",
                             .reach = 200},
                            {.subject = "core: 256-byte proposal, two voters in one thread",
                             .benchmark = "BM_CoreProposal/voters:2"},
                            {.subject = "core: 256-byte proposal, three voters in one thread",
                             .benchmark = "BM_CoreProposal/voters:3"},
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
                            {.subject = "core: allocations per 1000 proposals, one voter",
                             .benchmark = "BM_CoreAllocations/voters:1/iterations:1",
                             .counter = "per_thousand",
                             .unit = "allocations"},
                            {.subject = "core: allocations per 1000 proposals, three voters",
                             .benchmark = "BM_CoreAllocations/voters:3/iterations:1",
                             .counter = "per_thousand",
                             .unit = "allocations"}});

}  // namespace
}  // namespace blixard::bench
