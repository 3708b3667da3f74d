// A slice of shared bytes taken and dropped, beside the shared substring of absl::Cord.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "bench/rows.h"
#include "memory_optimization/bytes.h"
#include "memory_optimization/bytes_mut.h"

namespace blixard::memory {
namespace {

constexpr size_t kMessageBytes = 4096;
constexpr size_t kSliceAt = 100;
constexpr size_t kSliceBytes = 1000;
constexpr int kSlices = 8;  // in one iteration: the loop around it must not be what is measured

const bool rows = bench::Promise({
    {.subject = "Bytes slice + drop, shared",
     .benchmark = "BM_BytesSliceShared",
     .counter = "ns_per_slice",
     .reach = 10,
     .peers = {{.name = "absl::Cord", .benchmark = "BM_CordSubcord", .ratio = 2}}},
    {.subject = "Bytes slice + drop, static",
     .benchmark = "BM_BytesSliceStatic",
     .counter = "ns_per_slice",
     .reach = 0.5},
});

void CountSlices(benchmark::State& state) {
  state.counters["ns_per_slice"] = benchmark::Counter(
      kSlices * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void Slice(benchmark::State& state, const Bytes& bytes) {
  const Bytes* source = &bytes;
  for (auto _ : state) {
#pragma GCC unroll 8
    for (int i = 0; i < kSlices; ++i) {
      benchmark::DoNotOptimize(source);
      Bytes slice = source->Slice(kSliceAt, kSliceBytes);
      benchmark::DoNotOptimize(slice.data());
    }
  }
  CountSlices(state);
}

void BM_BytesSliceShared(benchmark::State& state) {
  Slice(state, Bytes::CopyOf(std::string(kMessageBytes, 'x')).value());
}
BENCHMARK(BM_BytesSliceShared);

void BM_BytesSliceStatic(benchmark::State& state) {
  static const std::string& literal = *new std::string(kMessageBytes, 'x');
  Slice(state, Bytes::FromStatic(literal));
}
BENCHMARK(BM_BytesSliceStatic);

void BM_CordSubcord(benchmark::State& state) {
  const absl::Cord cord(std::string(kMessageBytes, 'x'));
  const absl::Cord* source = &cord;
  for (auto _ : state) {
    for (int i = 0; i < kSlices; ++i) {
      benchmark::DoNotOptimize(source);
      absl::Cord slice = source->Subcord(kSliceAt, kSliceBytes);
      benchmark::DoNotOptimize(slice);
    }
  }
  CountSlices(state);
}
BENCHMARK(BM_CordSubcord);

// A message of two parts written, frozen and dropped.
void BM_BytesMutWriteAndFreeze(benchmark::State& state) {
  const std::string head(100, 'h');
  const std::string body(900, 'b');
  for (auto _ : state) {
    BytesMut writer;
    benchmark::DoNotOptimize(writer.Reserve(1000).ok());
    benchmark::DoNotOptimize(writer.Append(head).ok() && writer.Append(body).ok());
    const Bytes message = std::move(writer).Freeze();
    benchmark::DoNotOptimize(message.data());
  }
}
BENCHMARK(BM_BytesMutWriteAndFreeze);

void BM_CordWrite(benchmark::State& state) {
  const std::string head(100, 'h');
  const std::string body(900, 'b');
  for (auto _ : state) {
    absl::Cord message;
    message.Append(head);
    message.Append(body);
    benchmark::DoNotOptimize(message);
  }
}
BENCHMARK(BM_CordWrite);

}  // namespace
}  // namespace blixard::memory
