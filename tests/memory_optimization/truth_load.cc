// A seeded load on several threads, over all ways to ask for memory, and its counts: from the
// tracker if the hook is linked, from the independent counter if that is preloaded.
//
//   truth_load SEED THREADS      prints "ALLOCATIONS FREES BYTES"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <array>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "memory_optimization/allocation_switch.h"
#include "memory_optimization/allocation_threads.h"

namespace {

using Counts = std::array<uint64_t, 3>;

Counts CountsNow() {
  Counts counts = {};
  using Reader = void (*)(uint64_t*);
  static const Reader independent =
      reinterpret_cast<Reader>(dlsym(RTLD_DEFAULT, "IndependentCounts"));
  if (independent != nullptr) {
    independent(counts.data());
  } else {
    const blixard::memory::AllocationCounts totals = blixard::memory::AllocationTotals();
    counts = {totals.allocations, totals.frees, totals.bytes};
  }
  return counts;
}

constexpr std::align_val_t kAlign{64};

// Holds a few blocks at a time, each freed the way it was made.
class Load {
 public:
  explicit Load(uint64_t seed) : random_(seed) {}

  [[gnu::noinline]] void Run(int steps) {
    for (int i = 0; i < steps; ++i) Step(blocks_[random_() % blocks_.size()]);
    for (Block& block : blocks_) Free(block);
  }

 private:
  enum Way { kMalloc, kCalloc, kRealloc, kMemalign, kStrdup, kNew, kNewArray, kNewAligned, kWays };
  struct Block {
    void* volatile memory = nullptr;  // hidden: how it was made is known to `way` alone
    Way way = kMalloc;
  };

  [[gnu::noinline]] void Step(Block& block) {
    const size_t size = 1 + random_() % (random_() % 16 == 0 ? 20'000 : 300);
    if (block.memory != nullptr && block.way <= kStrdup && random_() % 3 == 0) {
      block.memory = realloc(block.memory, size);
      return;
    }
    Free(block);
    block.way = static_cast<Way>(random_() % kWays);
    block.memory = Make(block.way, size);
  }

  [[gnu::noinline]] static void* Make(Way way, size_t size) {
    switch (way) {
      case kMalloc:
        return malloc(size);
      case kCalloc:
        return calloc(size, 3);
      case kRealloc:
        return realloc(nullptr, size);
      case kMemalign: {
        void* memory = nullptr;
        return posix_memalign(&memory, 256, size) == 0 ? memory : nullptr;
      }
      case kStrdup:
        return strdup(std::string(size, 'x').c_str());
      case kNew:
        return ::operator new(size);
      case kNewArray:
        return ::operator new[](size);
      default:
        return ::operator new(size * 64, kAlign);  // the C++ library rounds up to the alignment
    }
  }

  static void Free(Block& block) {
    switch (block.way) {
      case kNew:
        ::operator delete(block.memory);
        break;
      case kNewArray:
        ::operator delete[](block.memory);
        break;
      case kNewAligned:
        ::operator delete(block.memory, kAlign);
        break;
      default:
        free(block.memory);
    }
    block.memory = nullptr;
  }

  std::mt19937_64 random_;
  std::array<Block, 40> blocks_;
};

// Threads between two barriers: what it takes to start and end them depends on the libraries that
// the program is linked with, and is not the load.
class Threads {
 public:
  Threads(uint64_t seed, int count) : count_(count) {
    for (int t = 0; t < count; ++t) {
      threads_.emplace_back([this, load = Load(seed + static_cast<uint64_t>(t))]() mutable {
        Arrive(ready_);
        WaitFor(started_, 1);
        load.Run(20'000);
        Arrive(done_);
        WaitFor(ended_, 1);
      });
    }
    WaitFor(ready_, count);
  }
  ~Threads() {
    Arrive(ended_);
    for (std::thread& thread : threads_) thread.join();
  }

  void Run() {
    Arrive(started_);
    WaitFor(done_, count_);
  }

 private:
  static void Arrive(std::atomic<int>& at) { at.fetch_add(1); }
  static void WaitFor(const std::atomic<int>& at, int count) {
    while (at.load() < count) std::this_thread::yield();
  }

  const int count_;
  std::atomic<int> ready_ = 0;
  std::atomic<int> started_ = 0;
  std::atomic<int> done_ = 0;
  std::atomic<int> ended_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Threads threads(std::strtoull(argv[1], nullptr, 10), std::atoi(argv[2]));
  CountsNow();  // looks the counter up
  const Counts before = CountsNow();
  threads.Run();
  const Counts after = CountsNow();
  std::printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", after[0] - before[0], after[1] - before[1],
              after[2] - before[2]);
}
