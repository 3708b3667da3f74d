// A scan over many nodes: columns with vector code, the same columns one row after the other, and
// an array of structs. Structure of arrays by itself buys nothing; the vector code does.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bench/rows.h"
#include "memory_optimization/column_kernels.h"
#include "memory_optimization/columns.h"

namespace blixard::memory {
namespace {

constexpr size_t kNodes = 10'000;
constexpr int32_t kWantVcpu = 4'000;
constexpr int32_t kWantMemory = 16'384;
constexpr int32_t kWantDisk = 100;

const bool rows = bench::Promise({
    {.subject = "which of 10,000 nodes fit: columns + Highway",
     .benchmark = "BM_FitMaskColumns",
     .peers = {{.name = "columns, one by one", .benchmark = "BM_FitMaskColumnsScalar"},
               {.name = "array of structs", .benchmark = "BM_FitMaskStructs"}}},
    {.subject = "first of 10,000 full nodes that fits: columns + Highway",
     .benchmark = "BM_FirstFitColumns",
     .peers = {{.name = "array of structs", .benchmark = "BM_FirstFitStructs"}}},
    {.subject = "free memory of 10,000 nodes: columns + Highway",
     .benchmark = "BM_SumColumns",
     .peers = {{.name = "array of structs", .benchmark = "BM_SumStructs"}}},
});

// What a scheduler keeps of a node besides what it has free.
struct Node {
  int32_t free_vcpu_milli;
  int32_t free_memory_mib;
  int32_t free_disk_gib;
  uint32_t vms;
  uint64_t labels;
  uint64_t registration;
};

enum NodeColumn { kFreeVcpu, kFreeMemory, kFreeDisk };

class Nodes {
 public:
  // One node in `vacancy` has room for the VM.
  explicit Nodes(uint32_t vacancy) {
    std::mt19937 random(1);
    for (size_t i = 0; i < kNodes; ++i) {
      const bool room = vacancy != 0 && random() % vacancy == 0;
      const Node node = {.free_vcpu_milli = static_cast<int32_t>(random() % 8'000),
                         .free_memory_mib = static_cast<int32_t>(random() % kWantMemory) +
                                            (room ? kWantMemory : 0),
                         .free_disk_gib = static_cast<int32_t>(random() % 400),
                         .vms = static_cast<uint32_t>(random() % 50),
                         .labels = random(),
                         .registration = i};
      structs_.push_back(node);
      columns_.Append(node.free_vcpu_milli, node.free_memory_mib, node.free_disk_gib);
    }
  }

  const std::vector<Node>& structs() const { return structs_; }
  const Columns<int32_t, int32_t, int32_t>& columns() const { return columns_; }
  std::vector<ColumnDemand> demands() const {
    return {{columns_.column<kFreeVcpu>(), kWantVcpu},
            {columns_.column<kFreeMemory>(), kWantMemory},
            {columns_.column<kFreeDisk>(), kWantDisk}};
  }

 private:
  std::vector<Node> structs_;
  Columns<int32_t, int32_t, int32_t> columns_;
};

bool Fits(const Node& node) {
  return node.free_vcpu_milli >= kWantVcpu && node.free_memory_mib >= kWantMemory &&
         node.free_disk_gib >= kWantDisk;
}

template <auto kComputeFitMask>
void FitMaskOfColumns(benchmark::State& state) {
  const Nodes nodes(2);
  const std::vector<ColumnDemand> demands = nodes.demands();
  std::vector<uint64_t> mask((kNodes + 63) / 64);
  for (auto _ : state) {
    benchmark::DoNotOptimize(kComputeFitMask(demands, absl::MakeSpan(mask)));
    benchmark::ClobberMemory();
  }
}

void BM_FitMaskColumns(benchmark::State& state) { FitMaskOfColumns<&ComputeFitMask>(state); }
BENCHMARK(BM_FitMaskColumns);

void BM_FitMaskColumnsScalar(benchmark::State& state) {
  FitMaskOfColumns<&scalar::ComputeFitMask>(state);
}
BENCHMARK(BM_FitMaskColumnsScalar);

void BM_FitMaskStructs(benchmark::State& state) {
  const Nodes nodes(2);
  std::vector<uint64_t> mask((kNodes + 63) / 64);
  for (auto _ : state) {
    std::fill(mask.begin(), mask.end(), 0);
    size_t fits = 0;
    for (size_t i = 0; i < kNodes; ++i) {
      const auto fit = static_cast<uint64_t>(Fits(nodes.structs()[i]));
      mask[i / 64] |= fit << (i % 64);
      fits += fit;
    }
    benchmark::DoNotOptimize(fits);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_FitMaskStructs);

void BM_FirstFitColumns(benchmark::State& state) {
  const Nodes nodes(0);
  const std::vector<ColumnDemand> demands = nodes.demands();
  for (auto _ : state) benchmark::DoNotOptimize(FindFirstFit(demands));
}
BENCHMARK(BM_FirstFitColumns);

void BM_FirstFitStructs(benchmark::State& state) {
  const Nodes nodes(0);
  for (auto _ : state) {
    benchmark::DoNotOptimize(std::find_if(nodes.structs().begin(), nodes.structs().end(), &Fits));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_FirstFitStructs);

void BM_SumColumns(benchmark::State& state) {
  const Nodes nodes(2);
  for (auto _ : state) {
    benchmark::DoNotOptimize(ComputeSum(nodes.columns().column<kFreeMemory>()));
  }
}
BENCHMARK(BM_SumColumns);

void BM_SumStructs(benchmark::State& state) {
  const Nodes nodes(2);
  for (auto _ : state) {
    int64_t sum = 0;
    for (const Node& node : nodes.structs()) sum += node.free_memory_mib;
    benchmark::DoNotOptimize(sum);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_SumStructs);

}  // namespace
}  // namespace blixard::memory
