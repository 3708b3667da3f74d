// A hit in the string pool beside what people use instead: a map under a reader-writer lock, and
// boost::flyweight. The texts asked for lie in one buffer, as they do when they come from a
// request, so that what is measured is the pool and not the fetching of the question.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <boost/flyweight.hpp>
#include <boost/flyweight/tag.hpp>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "bench/rows.h"
#include "memory_optimization/string_pool.h"

namespace blixard::memory {
namespace {

constexpr size_t kCharacters = 18;

std::string Name(size_t number) {
  char text[kCharacters + 1];
  std::snprintf(text, sizeof(text), "tenant-%011zu", number);
  return text;
}

// The names 0 to n-1, one after the other in memory, in order or shuffled with a fixed seed.
class Names {
 public:
  enum class Order { kSequential, kShuffled };

  Names(size_t count, Order order) {
    std::vector<size_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), size_t{0});
    if (order == Order::kShuffled) std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(7));
    for (const size_t number : numbers) text_ += Name(number);
  }
  absl::string_view at(size_t position) const {
    return absl::string_view(text_).substr(position * kCharacters, kCharacters);
  }
  size_t size() const { return text_.size() / kCharacters; }
  absl::string_view text() const { return text_; }

 private:
  std::string text_;
};

// What an engineer writes first.
class LockedMap {
 public:
  const std::string* Intern(absl::string_view text) {
    {
      const std::shared_lock lock(mutex_);
      const auto found = texts_.find(text);
      if (found != texts_.end()) return found->second.get();
    }
    const std::unique_lock lock(mutex_);
    auto& place = texts_[std::string(text)];
    if (place == nullptr) place = std::make_unique<std::string>(text);
    return place.get();
  }

 private:
  std::shared_mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<std::string>> texts_;
};

// One factory per size: flyweights of one type share theirs in the whole process.
template <size_t kStrings>
class FlyweightPool {
 public:
  struct Tag {};
  using Handle = boost::flyweight<std::string, boost::flyweights::tag<Tag>>;

  const std::string* Intern(absl::string_view text) {
    const Handle handle{std::string(text)};
    return &handle.get();
  }
  void Keep(absl::string_view text) { kept_.emplace_back(std::string(text)); }

 private:
  std::vector<Handle> kept_;
};

template <class Pool>
void Fill(Pool& pool, const Names& names) {
  for (size_t i = 0; i < names.size(); ++i) benchmark::DoNotOptimize(pool.Intern(names.at(i)));
}
template <size_t kStrings>
void Fill(FlyweightPool<kStrings>& pool, const Names& names) {
  for (size_t i = 0; i < names.size(); ++i) pool.Keep(names.at(i));
}

// One pool of each size for all threads and repetitions of the process.
template <class Pool, size_t kStrings>
Pool& Filled() {
  static Pool& pool = []() -> Pool& {
    Pool& filled = *new Pool;
    Fill(filled, Names(kStrings, Names::Order::kSequential));
    return filled;
  }();
  return pool;
}

template <class Pool, size_t kStrings, Names::Order kOrder>
void Hit(benchmark::State& state) {
  static const Names& names = *new Names(kStrings, kOrder);
  Pool& pool = Filled<Pool, kStrings>();
  // Where a text ends is not known when the program is compiled.
  size_t length = kCharacters;
  benchmark::DoNotOptimize(length);
  const char* const begin = names.text().data();
  const char* const end = begin + names.text().size();
  const char* next = state.thread_index() == 0 ? begin : begin + kStrings / 2 * kCharacters;
  for (auto _ : state) {
    benchmark::DoNotOptimize(pool.Intern(absl::string_view(next, length)));
    next += length;
    if (next == end) next = begin;
  }
}

template <size_t kStrings, Names::Order kOrder>
void RegisterHits(const std::string& what) {
  const auto add = [&](const std::string& pool, void (*hit)(benchmark::State&)) {
    for (const int threads : {1, 2}) {
      benchmark::RegisterBenchmark((pool + what).c_str(), hit)->Threads(threads);
    }
  };
  add("BM_StringPoolHit", Hit<StringPool, kStrings, kOrder>);
  add("BM_LockedMapHit", Hit<LockedMap, kStrings, kOrder>);
  add("BM_FlyweightHit", Hit<FlyweightPool<kStrings>, kStrings, kOrder>);
}

const bool hits = [] {
  RegisterHits<1'000, Names::Order::kShuffled>("/1000");
  RegisterHits<100'000, Names::Order::kShuffled>("/100000");
  RegisterHits<1'000, Names::Order::kSequential>("/1000/in_order");
  RegisterHits<100'000, Names::Order::kSequential>("/100000/in_order");
  return true;
}();

// One row for each thread count: the figure must be flat.
bench::Row HitRow(const std::string& size, double reach, int threads) {
  const std::string suffix = "/" + size + "/threads:" + std::to_string(threads);
  return {.subject = "string pool hit, " + size + " names of 18 characters, threads " +
                     std::to_string(threads),
          .benchmark = "BM_StringPoolHit" + suffix,
          .reach = reach,
          .peers = {
              {.name = "shared_mutex + absl::flat_hash_map",
               .benchmark = "BM_LockedMapHit" + suffix,
               .ratio = 3},
              {.name = "boost::flyweight", .benchmark = "BM_FlyweightHit" + suffix, .ratio = 10}}};
}

const bool rows = bench::Promise({
    HitRow("1000", 5, 1),
    HitRow("1000", 5, 2),
    HitRow("100000", 8, 1),
    HitRow("100000", 8, 2),
    {.subject = "string pool memory, 18-character strings, all included",
     .benchmark = "BM_StringPoolMemory/100000/iterations:1",
     .counter = "bytes_per_string",
     .unit = "bytes",
     .reach = 48},
});

// What a pool of this many names holds, all included, by what stands on the books.
void BM_StringPoolMemory(benchmark::State& state) {
  const size_t strings = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    StringPool pool({.max_strings = 2 * strings});
    Fill(pool, Names(strings, Names::Order::kSequential));
    state.counters["bytes_per_string"] =
        static_cast<double>(pool.Stats().memory_bytes) / static_cast<double>(strings);
  }
}
BENCHMARK(BM_StringPoolMemory)->Arg(1'000)->Arg(100'000)->Iterations(1);

}  // namespace
}  // namespace blixard::memory
