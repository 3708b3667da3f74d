// Why FlatMap has the hash it has, and when mapping a file pays: shown, nothing promised.
#include <benchmark/benchmark.h>
#include <glog/logging.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "memory_optimization/chunk_reader.h"
#include "memory_optimization/flat_map.h"
#include "memory_optimization/mapped_file.h"

namespace blixard::memory {
namespace {

struct IdentityHash {
  size_t operator()(uint64_t key) const { return key; }
};

// Finds of keys i << shift, in random order.
template <class Set>
void FindShiftedKeys(benchmark::State& state) {
  constexpr uint64_t kKeys = 4'000;
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < kKeys; ++i) keys.push_back(i << state.range(0));
  const Set set(keys.begin(), keys.end());
  std::shuffle(keys.begin(), keys.end(), std::mt19937_64(1));
  while (state.KeepRunningBatch(kKeys)) {
    for (const uint64_t key : keys) benchmark::DoNotOptimize(set.contains(key));
  }
}
void BM_FlatSetFind(benchmark::State& state) { FindShiftedKeys<FlatSet<uint64_t>>(state); }
BENCHMARK(BM_FlatSetFind)->ArgName("shift")->Arg(0)->Arg(32);
void BM_FlatSetFindIdentityHash(benchmark::State& state) {
  FindShiftedKeys<absl::flat_hash_set<uint64_t, IdentityHash>>(state);
}
BENCHMARK(BM_FlatSetFindIdentityHash)->ArgName("shift")->Arg(0)->Arg(32);

// A file of 64 MiB that is in the page cache, gone with the process.
constexpr size_t kFileBytes = size_t{64} << 20;
const std::string& BigFile() {
  struct File {
    File() {
      std::ofstream out(path, std::ios::binary);
      for (size_t i = 0; i < kFileBytes / block.size(); ++i) out << block;
    }
    ~File() { std::remove(path.c_str()); }
    const std::string block = std::string(1 << 16, 'x');
    const std::string path = "/tmp/containers_benchmark." + std::to_string(getpid());
  };
  static const File file;
  return file.path;
}

// Fast enough to leave the reading visible.
uint64_t DigestOf(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

// One pass over the whole file, opening included.
void BM_SequentialMappedFile(benchmark::State& state) {
  const std::string& path = BigFile();
  for (auto _ : state) {
    const auto file = MappedFile::Open(path, MappedAccess::kSequential);
    CHECK(file.ok()) << file.status();
    benchmark::DoNotOptimize(DigestOf(file->bytes()));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kFileBytes));
}
BENCHMARK(BM_SequentialMappedFile)->Unit(benchmark::kMillisecond);

void BM_SequentialChunkReader(benchmark::State& state) {
  const std::string& path = BigFile();
  for (auto _ : state) {
    const auto source = DescriptorSource::Open(path);
    CHECK(source.ok()) << source.status();
    ChunkReader reader(**source, {.name = path, .max_line_bytes = 1});
    uint64_t sum = 0;
    while (const auto chunk = reader.NextChunk()) sum += DigestOf(*chunk);
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kFileBytes));
}
BENCHMARK(BM_SequentialChunkReader)->Unit(benchmark::kMillisecond);

// 64 bytes at a random place of an open file.
void BM_RandomMappedFile(benchmark::State& state) {
  const auto file = MappedFile::Open(BigFile());
  CHECK(file.ok()) << file.status();
  std::mt19937_64 random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(DigestOf(file->bytes().substr(random() % (kFileBytes - 64), 64)));
  }
}
BENCHMARK(BM_RandomMappedFile);

void BM_RandomPread(benchmark::State& state) {
  FILE* const file = std::fopen(BigFile().c_str(), "rb");
  CHECK(file != nullptr);
  std::mt19937_64 random(1);
  char piece[64];
  for (auto _ : state) {
    const off_t at = static_cast<off_t>(random() % (kFileBytes - sizeof(piece)));
    CHECK_EQ(pread(fileno(file), piece, sizeof(piece), at), static_cast<ssize_t>(sizeof(piece)));
    benchmark::DoNotOptimize(DigestOf({piece, sizeof(piece)}));
  }
  std::fclose(file);
}
BENCHMARK(BM_RandomPread);

}  // namespace
}  // namespace blixard::memory
