// Counters of two threads that never take each other's cache line.
#include "memory_optimization/cache_line.h"

#include <glog/logging.h>

#include <array>
#include <cstdint>
#include <thread>

#include "memory_optimization/per_thread_counter.h"

using blixard::memory::CacheAligned;
using blixard::memory::PerThreadCounter;

PerThreadCounter requests;  // written by all threads, read now and then

int main() {
  std::array<CacheAligned<uint64_t>, 2> own;  // [0] and [1] share no line
  const auto count = [&own](size_t thread) {
    for (int i = 0; i < 1000; ++i) {
      ++*own[thread];
      requests.Add();
    }
  };
  std::thread other(count, 1);
  count(0);
  other.join();
  CHECK_EQ(*own[0] + *own[1], 2000u);
  CHECK_EQ(requests.Sum(), 2000u);
}
