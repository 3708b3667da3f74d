// Bump allocation beside what programs use instead of it.
#include <benchmark/benchmark.h>
#include <google/protobuf/arena.h>

#include <array>
#include <cstddef>
#include <cstdlib>

#include "bench/rows.h"
#include "memory_optimization/arena.h"

namespace blixard::memory {
namespace {

constexpr size_t kBytes = 64;
// Things of one request; freeing them all at its end is part of the figure.
constexpr size_t kBatch = 1024;

void BM_Arena64(benchmark::State& state) {
  Arena arena({.block_bytes = 2 * kBatch * kBytes});
  while (state.KeepRunningBatch(kBatch)) {
    for (size_t i = 0; i < kBatch; ++i) {
      void* place = arena.TryAllocate(kBytes);
      benchmark::DoNotOptimize(place);
    }
    arena.Reset();
  }
}
BENCHMARK(BM_Arena64);

void BM_Arena64ProtobufArena(benchmark::State& state) {
  std::array<char, 2 * kBatch * kBytes> block;  // protobuf's way to keep memory over a Reset
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  google::protobuf::Arena arena(options);
  while (state.KeepRunningBatch(kBatch)) {
    for (size_t i = 0; i < kBatch; ++i) {
      char* place = google::protobuf::Arena::CreateArray<char>(&arena, kBytes);
      benchmark::DoNotOptimize(place);
    }
    arena.Reset();
  }
}
BENCHMARK(BM_Arena64ProtobufArena);

void BM_Arena64MallocFree(benchmark::State& state) {
  std::array<void*, kBatch> places;
  while (state.KeepRunningBatch(kBatch)) {
    for (void*& place : places) {
      place = std::malloc(kBytes);
      benchmark::DoNotOptimize(place);
    }
    for (void* place : places) std::free(place);
  }
}
BENCHMARK(BM_Arena64MallocFree);

// malloc's best case: the block just freed comes back.
void BM_Arena64MallocFreePair(benchmark::State& state) {
  for (auto _ : state) {
    void* place = std::malloc(kBytes);
    benchmark::DoNotOptimize(place);
    std::free(place);
  }
}
BENCHMARK(BM_Arena64MallocFreePair);

const bool kRows = bench::Promise(
    {{.subject = "arena, 64 B",
      .benchmark = "BM_Arena64",
      .reach = 0.75,
      .peers = {{.name = "protobuf Arena", .benchmark = "BM_Arena64ProtobufArena", .ratio = 4},
                {.name = "malloc/free", .benchmark = "BM_Arena64MallocFree", .ratio = 9},
                {.name = "malloc/free, one at a time",
                 .benchmark = "BM_Arena64MallocFreePair",
                 .ratio = 9}}}});

}  // namespace
}  // namespace blixard::memory
