// The object pool beside what people use instead of one: the allocator, a mutex around a vector,
// boost's pools, tbb's allocator.
#include <benchmark/benchmark.h>
#include <tbb/scalable_allocator.h>

#include <array>
#include <atomic>
#include <boost/pool/object_pool.hpp>
#include <boost/pool/pool_alloc.hpp>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "bench/rows.h"
#include "memory_optimization/object_pool.h"

namespace blixard::memory {
namespace {

// 128 bytes: within the 64 to 256 that messages and requests without their text take.
struct Job {
  std::array<uint64_t, 16> words{};
};

ObjectPool<Job>& TheJobs() {
  static auto& pool = *new ObjectPool<Job>("benchmark_jobs", {.min_size = 4096, .max_size = 4096});
  return pool;
}

// What a person writes first.
class MutexPool {
 public:
  Job* Acquire() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return new Job;
    Job* job = idle_.back();
    idle_.pop_back();
    return job;
  }
  void Release(Job* job) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(job);
  }

 private:
  std::mutex mutex_;
  std::vector<Job*> idle_;
};

MutexPool& TheMutexPool() {
  static auto& pool = *new MutexPool;
  return pool;
}

// Each source gives and takes plain pointers or guards that cost nothing to move.
struct FromPool {
  using Handle = Pooled<Job>;
  Handle Acquire() { return pool.Acquire(); }
  static Job* Get(const Handle& job) { return job.get(); }
  static void Release(Handle& job) { job.Reset(); }

  ObjectPool<Job>& pool = TheJobs();
};
struct FromMutexPool {
  using Handle = Job*;
  Handle Acquire() { return pool.Acquire(); }
  static Job* Get(Handle job) { return job; }
  void Release(Handle job) { pool.Release(job); }

  MutexPool& pool = TheMutexPool();
};
// The program's own allocator is another one (mimalloc); __libc_malloc is glibc's whatever is
// linked.
extern "C" void* __libc_malloc(size_t bytes);
extern "C" void __libc_free(void* memory);
struct FromGlibc {
  using Handle = Job*;
  static Handle Acquire() { return new (__libc_malloc(sizeof(Job))) Job; }
  static Job* Get(Handle job) { return job; }
  static void Release(Handle job) { __libc_free(job); }
};
struct FromNew {
  using Handle = Job*;
  static Handle Acquire() { return new Job; }
  static Job* Get(Handle job) { return job; }
  static void Release(Handle job) { delete job; }
};
struct FromTbb {
  using Handle = Job*;
  static Handle Acquire() { return new (scalable_malloc(sizeof(Job))) Job; }
  static Job* Get(Handle job) { return job; }
  static void Release(Handle job) { scalable_free(job); }
};
// Not thread-safe, and so measured on one thread.
struct FromBoostObjectPool {
  using Handle = Job*;
  Handle Acquire() { return pool.construct(); }
  static Job* Get(Handle job) { return job; }
  void Release(Handle job) { pool.destroy(job); }

  boost::object_pool<Job> pool;
};
struct FromBoostFastPool {
  using Handle = Job*;
  using Allocator = boost::fast_pool_allocator<Job>;
  static Handle Acquire() { return new (Allocator::allocate()) Job; }
  static Job* Get(Handle job) { return job; }
  static void Release(Handle job) { Allocator::deallocate(job); }
};

template <class Source>
void BM_AcquireRelease(benchmark::State& state) {
  Source source;
  for (auto _ : state) {
    typename Source::Handle job = source.Acquire();
    benchmark::DoNotOptimize(Source::Get(job));
    source.Release(job);
  }
}

// Lets one thread hand filled arrays to another and get empty ones back. Spins: waking would be all
// that is measured.
template <class Handle>
class Relay {
 public:
  static constexpr size_t kBatch = 256;
  using Batch = std::array<Handle, kBatch>;

  Batch* Fill(size_t round) { return Await(round, false); }
  void Pass(size_t round) { full_[round % kBatches].store(true, std::memory_order_release); }
  Batch* Empty(size_t round) { return Await(round, true); }
  void Return(size_t round) { full_[round % kBatches].store(false, std::memory_order_release); }

 private:
  static constexpr size_t kBatches = 8;

  Batch* Await(size_t round, bool full) {
    const size_t at = round % kBatches;
    for (int spins = 0; full_[at].load(std::memory_order_acquire) != full; ++spins) {
      if (spins > 1000) std::this_thread::yield();
    }
    return &batches_[at];
  }

  std::array<Batch, kBatches> batches_{};
  std::array<std::atomic<bool>, kBatches> full_{};
};

// One iteration is one object acquired here and released there.
template <class Source>
void BM_AcquireHereReleaseThere(benchmark::State& state) {
  using Handle = typename Source::Handle;
  using TheRelay = Relay<Handle>;
  auto relay = std::make_unique<TheRelay>();
  std::atomic<size_t> last_round = ~size_t{0};
  std::thread releaser([&] {
    Source source;
    for (size_t round = 0; round != last_round.load(std::memory_order_acquire); ++round) {
      for (Handle& job : *relay->Empty(round)) source.Release(job);
      relay->Return(round);
    }
  });
  Source source;
  size_t round = 0;
  const auto pass_one = [&] {
    for (Handle& job : *relay->Fill(round)) job = source.Acquire();
    relay->Pass(round);
    ++round;
  };
  while (state.KeepRunningBatch(TheRelay::kBatch)) pass_one();
  last_round.store(round + 1, std::memory_order_release);
  pass_one();
  releaser.join();
}

constexpr char kPair[] = "BM_AcquireRelease<";
constexpr char kTravel[] = "BM_AcquireHereReleaseThere<";

std::string Named(const char* benchmark, const char* source, int threads) {
  return std::string(benchmark) + source + ">/real_time/threads:" + std::to_string(threads);
}
std::string Named(const char* benchmark, const char* source) {
  return std::string(benchmark) + source + ">/real_time";
}

[[maybe_unused]] const bool rows = bench::Promise({
    {.subject = "pool acquire + release, 1 thread",
     .benchmark = Named(kPair, "FromPool", 1),
     .reach = 1.5,
     .peers =
         {{.name = "glibc new/delete", .benchmark = Named(kPair, "FromGlibc", 1), .ratio = 4},
          {.name = "mutex + vector", .benchmark = Named(kPair, "FromMutexPool", 1), .ratio = 13},
          {.name = "boost::object_pool",
           .benchmark = Named(kPair, "FromBoostObjectPool", 1),
           .ratio = 1},
          {.name = "boost::fast_pool_allocator",
           .benchmark = Named(kPair, "FromBoostFastPool", 1),
           .ratio = 1},
          {.name = "tbb::scalable_allocator", .benchmark = Named(kPair, "FromTbb", 1), .ratio = 1},
          {.name = "the program's new/delete", .benchmark = Named(kPair, "FromNew", 1)}}},
    // Two threads at most 1.2 times one: against ourselves, ratio 1 / 1.2.
    {.subject = "pool acquire + release, 2 threads",
     .benchmark = Named(kPair, "FromPool", 2),
     .reach = 1.8,
     .peers = {{.name = "the same on 1 thread",
                .benchmark = Named(kPair, "FromPool", 1),
                .ratio = 1 / 1.2},
               {.name = "mutex + vector",
                .benchmark = Named(kPair, "FromMutexPool", 2),
                .ratio = 50},
               {.name = "glibc new/delete", .benchmark = Named(kPair, "FromGlibc", 2)},
               {.name = "tbb::scalable_allocator", .benchmark = Named(kPair, "FromTbb", 2)}}},
    {.subject = "acquire here, release on another thread",
     .benchmark = Named(kTravel, "FromPool"),
     .reach = 6,
     .peers =
         {{.name = "mutex + vector", .benchmark = Named(kTravel, "FromMutexPool"), .ratio = 10},
          {.name = "glibc new/delete", .benchmark = Named(kTravel, "FromGlibc"), .ratio = 20},
          {.name = "tbb::scalable_allocator", .benchmark = Named(kTravel, "FromTbb")}}},
});

BENCHMARK(BM_AcquireRelease<FromPool>)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_AcquireRelease<FromGlibc>)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_AcquireRelease<FromNew>)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_AcquireRelease<FromMutexPool>)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_AcquireRelease<FromTbb>)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_AcquireRelease<FromBoostObjectPool>)->Threads(1)->UseRealTime();
BENCHMARK(BM_AcquireRelease<FromBoostFastPool>)->Threads(1)->Threads(2)->UseRealTime();

BENCHMARK(BM_AcquireHereReleaseThere<FromPool>)->UseRealTime();
BENCHMARK(BM_AcquireHereReleaseThere<FromGlibc>)->UseRealTime();
BENCHMARK(BM_AcquireHereReleaseThere<FromNew>)->UseRealTime();
BENCHMARK(BM_AcquireHereReleaseThere<FromMutexPool>)->UseRealTime();
BENCHMARK(BM_AcquireHereReleaseThere<FromTbb>)->UseRealTime();

}  // namespace
}  // namespace blixard::memory
