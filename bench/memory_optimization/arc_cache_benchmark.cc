// ArcCache beside a mutex LRU: the pinned hit, and how often a value is there at all. Then what
// compression saves on a text like those that are cached.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "bench/memory_optimization/cache_traces.h"
#include "bench/memory_optimization/mutex_lru.h"
#include "bench/rows.h"
#include "memory_optimization/arc_cache.h"
#include "memory_optimization/compressed_block.h"

namespace blixard::bench {
namespace {

using memory::ArcCache;

constexpr size_t kEntries = 1024;
constexpr size_t kAskedFor = 64;  // of them, in turn: the hot ones

std::vector<std::string> MakeKeys() {
  std::vector<std::string> keys;
  for (size_t i = 0; i < kEntries; ++i) keys.push_back(absl::StrFormat("image/debian-%05d", i));
  return keys;
}

const std::vector<std::string>& Keys() {
  static const auto& keys = *new std::vector<std::string>(MakeKeys());  // 18 characters each
  return keys;
}

ArcCache<std::string, uint64_t>& TextCache() {
  static auto& cache = *new ArcCache<std::string, uint64_t>({.max_entries = 2 * kEntries});
  return cache;
}
ArcCache<uint64_t, uint64_t>& NumberCache() {
  static auto& cache = *new ArcCache<uint64_t, uint64_t>({.max_entries = 2 * kEntries});
  return cache;
}
MutexLru<std::string, uint64_t>& TextLru() {
  static auto& cache = *new MutexLru<std::string, uint64_t>(2 * kEntries);
  return cache;
}

void FillCaches(const benchmark::State&) {
  for (size_t i = 0; i < kEntries; ++i) {
    TextCache().Put(Keys()[i], i);
    NumberCache().Put(i, i);
    TextLru().Put(Keys()[i], i);
  }
}

void BM_ArcCachePinnedHit(benchmark::State& state) {
  ArcCache<std::string, uint64_t>& cache = TextCache();
  const std::vector<std::string>& keys = Keys();
  size_t i = 0;
  for (auto _ : state) {
    const absl::string_view key = keys[i++ % kAskedFor];
    benchmark::DoNotOptimize(*cache.Find(key));
  }
}
BENCHMARK(BM_ArcCachePinnedHit)->Setup(FillCaches)->Threads(1)->Threads(2);

void BM_ArcCachePinnedHitOneKey(benchmark::State& state) {
  ArcCache<std::string, uint64_t>& cache = TextCache();
  const absl::string_view key = Keys()[7];
  for (auto _ : state) benchmark::DoNotOptimize(*cache.Find(key));
}
BENCHMARK(BM_ArcCachePinnedHitOneKey)->Setup(FillCaches)->Threads(1)->Threads(2);

void BM_ArcCacheGetOrCreateHit(benchmark::State& state) {
  ArcCache<std::string, uint64_t>& cache = TextCache();
  const std::vector<std::string>& keys = Keys();
  size_t i = 0;
  for (auto _ : state) {
    const absl::string_view key = keys[i++ % kAskedFor];
    const auto hit = cache.GetOrCreate(key, [] { return uint64_t{0}; });
    benchmark::DoNotOptimize(**hit);
  }
}
BENCHMARK(BM_ArcCacheGetOrCreateHit)->Setup(FillCaches)->Threads(1)->Threads(2);

void BM_ArcCacheNumberKeyHit(benchmark::State& state) {
  ArcCache<uint64_t, uint64_t>& cache = NumberCache();
  uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(*cache.Find(i++ % kAskedFor));
}
BENCHMARK(BM_ArcCacheNumberKeyHit)->Setup(FillCaches)->Threads(1)->Threads(2);

void BM_MutexLruHit(benchmark::State& state) {
  MutexLru<std::string, uint64_t>& cache = TextLru();
  const std::vector<std::string>& keys = Keys();
  size_t i = 0;
  for (auto _ : state) {
    const absl::string_view key = keys[i++ % kAskedFor];
    benchmark::DoNotOptimize(*cache.Find(key));
  }
}
BENCHMARK(BM_MutexLruHit)->Setup(FillCaches)->Threads(1)->Threads(2);

constexpr size_t kTraceEntries = 1'000;
const TraceOptions kZipf = {};
const TraceOptions kScanned = {.scan_every = 10'000, .scan_length = 2'000};

double ArcCacheRatio(const std::vector<uint64_t>& trace) {
  ArcCache<uint64_t, uint64_t> cache({.max_entries = kTraceEntries});
  for (const uint64_t key : trace) cache.GetOrCreate(key, [key] { return key; }).IgnoreError();
  return cache.Stats().HitRatio();
}

double MutexLruRatio(const std::vector<uint64_t>& trace) {
  MutexLru<uint64_t, uint64_t> cache(kTraceEntries);
  uint64_t hits = 0;
  for (const uint64_t key : trace) {
    if (cache.Find(key) != nullptr) {
      ++hits;
    } else {
      cache.Put(key, key);
    }
  }
  return static_cast<double>(hits) / static_cast<double>(trace.size());
}

void RunTrace(benchmark::State& state, const TraceOptions& options,
              double (*ratio)(const std::vector<uint64_t>&)) {
  const std::vector<uint64_t> trace = MakeTrace(options);
  double hit_percent = 0;
  for (auto _ : state) hit_percent = 100 * ratio(trace);
  state.counters["hit_percent"] = hit_percent;
}
void BM_ArcCacheZipf(benchmark::State& state) { RunTrace(state, kZipf, ArcCacheRatio); }
void BM_MutexLruZipf(benchmark::State& state) { RunTrace(state, kZipf, MutexLruRatio); }
void BM_ArcCacheScanned(benchmark::State& state) { RunTrace(state, kScanned, ArcCacheRatio); }
void BM_MutexLruScanned(benchmark::State& state) { RunTrace(state, kScanned, MutexLruRatio); }
BENCHMARK(BM_ArcCacheZipf);
BENCHMARK(BM_MutexLruZipf);
BENCHMARK(BM_ArcCacheScanned);
BENCHMARK(BM_MutexLruScanned);

std::string MakeInventory() {
  std::mt19937 random(1);
  std::string text = "[";
  for (int i = 0; i < 1'000; ++i) {
    absl::StrAppend(&text, R"({"node":"node-)", i, R"(","zone":"zone-)", random() % 3,
                    R"(","rack":"rack-)", random() % 40, R"(","vcpus":)", 8 << random() % 4,
                    R"(,"memory_mib":)", 1024 * (random() % 512), R"(,"used_mib":)",
                    random() % 65536, R"(,"labels":{"disk":"ssd","gpu":"none"}},)", "\n");
  }
  return text + "]";
}

void RunDecompression(benchmark::State& state, memory::Compression compression) {
  const std::string text = MakeInventory();
  memory::CompressionContext context;
  std::string scratch;
  const auto block = memory::CompressedBlock::Compress(text, compression, context);
  for (auto _ : state) benchmark::DoNotOptimize(block->Decompress(scratch, context));
  state.counters["text_per_stored"] =
      static_cast<double>(text.size()) / static_cast<double>(block->stored().size());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
void BM_InventoryZstd(benchmark::State& state) {
  RunDecompression(state, memory::Compression::kZstd);
}
void BM_InventoryLz4(benchmark::State& state) {
  RunDecompression(state, memory::Compression::kLz4);
}
BENCHMARK(BM_InventoryZstd);
BENCHMARK(BM_InventoryLz4);

const bool kRows = Promise({
    {.subject = "ArcCache pinned hit, 18-character key",
     .benchmark = "BM_ArcCachePinnedHit/threads:1",
     .reach = 12,
     .peers = {{.name = "mutex LRU", .benchmark = "BM_MutexLruHit/threads:1", .ratio = 2}}},
    {.subject = "ArcCache pinned hit, two threads, the same keys",
     .benchmark = "BM_ArcCachePinnedHit/threads:2",
     .reach = 12,
     .peers = {{.name = "mutex LRU", .benchmark = "BM_MutexLruHit/threads:2", .ratio = 10}}},
    {.subject = "ArcCache pinned hit, two threads, one key",
     .benchmark = "BM_ArcCachePinnedHitOneKey/threads:2",
     .reach = 12},
    {.subject = "ArcCache hit ratio, zipf 0.99",
     .benchmark = "BM_ArcCacheZipf",
     .counter = "hit_percent",
     .unit = "%",
     .higher_is_better = true,
     .peers = {{.name = "LRU", .benchmark = "BM_MutexLruZipf", .ratio = 1}}},
    {.subject = "ArcCache hit ratio, zipf 0.99 with scans",
     .benchmark = "BM_ArcCacheScanned",
     .counter = "hit_percent",
     .unit = "%",
     .higher_is_better = true,
     .peers = {{.name = "LRU", .benchmark = "BM_MutexLruScanned", .ratio = 1}}},
    {.subject = "JSON inventory kept per byte, zstd level 1",
     .benchmark = "BM_InventoryZstd",
     .counter = "text_per_stored",
     .unit = "times",
     .higher_is_better = true,
     .peers = {{.name = "LZ4", .benchmark = "BM_InventoryLz4"}}},
});

}  // namespace
}  // namespace blixard::bench
