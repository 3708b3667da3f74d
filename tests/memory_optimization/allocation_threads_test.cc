// Built with the hook: counting across threads that come and go, fork, and the last moments of a
// thread.
#include "memory_optimization/allocation_threads.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "memory_optimization/allocation_switch.h"
#include "memory_optimization/allocation_tracker.h"

namespace blixard::memory {
namespace {

void Allocate(int times) {
  for (int i = 0; i < times; ++i) {
    void* volatile memory = ::operator new(10);
    ::operator delete(memory);
  }
}

TEST(AllocationThreadsTest, CountsOfDeadThreadsAreKept) {
  std::thread([] {}).join();  // the C library keeps the stack of one thread for the next
  const AllocationCounts before = AllocationTotals();
  std::thread([] { Allocate(1000); }).join();
  const AllocationCounts made = AllocationTotals() - before;
  EXPECT_GE(made.allocations, 1000u);
  EXPECT_LT(made.allocations, 1010u);
  EXPECT_GE(made.bytes, 10'000u);
  EXPECT_EQ(made.live(), 0);
}

TEST(AllocationThreadsTest, AThreadThatOnlyFreesIsCounted) {
  void* volatile memory = ::operator new(10);
  pthread_t thread;
  const AllocationCounts before = AllocationTotals();
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* block) -> void* {
                  ::operator delete(block);
                  return nullptr;
                },
                memory),
            0);
  pthread_join(thread, nullptr);
  EXPECT_EQ((AllocationTotals() - before).live(), -1);
}

TEST(AllocationThreadsTest, ThreadChurnNeedsNoNewRecords) {
  std::thread([] { Allocate(1); }).join();
  const int before = internal::used_thread_records.load();
  const AllocationCounts totals = AllocationTotals();
  for (int i = 0; i < 2000; ++i) std::thread([] { Allocate(1); }).join();
  EXPECT_EQ(internal::used_thread_records.load(), before);
  EXPECT_GE((AllocationTotals() - totals).allocations, 2000u);
  EXPECT_EQ((AllocationTotals() - totals).live(), 0);
}

TEST(AllocationThreadsTest, ThreadsAtOnceAddUpExactly) {
  const AllocationCounts before = AllocationTotals();
  std::atomic<int> ready = 0;
  {
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&ready] {
        ++ready;
        while (ready < 8) std::this_thread::yield();
        Allocate(10'000);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const AllocationCounts made = AllocationTotals() - before;
  EXPECT_GE(made.allocations, 80'000u);
  EXPECT_LT(made.allocations, 80'050u);
  EXPECT_LE(std::abs(made.live()), 8);  // the C library keeps some stacks
}

pthread_key_t late_key;

// Destructors of keys run in rounds: this one comes back until the rounds are over, long after the
// record of the thread was given back.
void AllocateLate(void* round) {
  Allocate(100);
  const uintptr_t next = reinterpret_cast<uintptr_t>(round) + 1;
  if (next <= PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(late_key, reinterpret_cast<void*>(next));
  }
}

TEST(AllocationThreadsTest, TheLastMomentsOfAThreadAreCounted) {
  for (const AllocationTracking tracking :
       {AllocationTracking::kCounts, AllocationTracking::kAllSites,
        AllocationTracking::kSampledSites}) {
    ASSERT_TRUE(SetAllocationTracking(tracking, {.mean_sample_bytes = 20}).ok());
    ASSERT_EQ(pthread_key_create(&late_key, AllocateLate), 0);
    const AllocationCounts before = AllocationTotals();
    std::thread([] {
      Allocate(1);
      pthread_setspecific(late_key, reinterpret_cast<void*>(1));
    }).join();
    const AllocationCounts made = AllocationTotals() - before;
    EXPECT_GE(made.allocations, 100u * PTHREAD_DESTRUCTOR_ITERATIONS);
    EXPECT_EQ(made.live(), 0);
    pthread_key_delete(late_key);
  }
  ASSERT_TRUE(SetAllocationTracking(AllocationTracking::kCounts).ok());
}

struct AllocatesInDestructor {
  ~AllocatesInDestructor() { Allocate(50); }
};

TEST(AllocationThreadsTest, DestructorsOfThreadLocalsAreCounted) {
  const AllocationCounts before = AllocationTotals();
  std::thread([] { [[maybe_unused]] static thread_local AllocatesInDestructor object; }).join();
  EXPECT_GE((AllocationTotals() - before).allocations, 50u);
}

// Runs `child` in a child process; true if it returned true.
bool InChild(bool (*child)()) {
  const pid_t process = fork();
  if (process == 0) _exit(child() ? 0 : 1);
  int status = 0;
  waitpid(process, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(AllocationThreadsTest, AChildOfForkCountsForItself) {
  std::atomic<bool> stop = false;
  std::thread noise([&stop] {
    while (!stop) Allocate(10);
  });
  AllocationTracker tracker("parent");
  EXPECT_TRUE(InChild([] {
    AllocationTracker mine("child");
    const AllocationCounts before = AllocationTotals();
    Allocate(7);
    // The noise did not come along, and its record is free for the child's threads.
    const bool exact = (AllocationTotals() - before).allocations == 7;
    return exact && mine.Finish().allocations == 7;
  }));
  EXPECT_TRUE(InChild([] {
    const int before = internal::used_thread_records.load();
    std::thread([] { Allocate(1); }).join();
    return internal::used_thread_records.load() == before;
  }));
  EXPECT_EQ(tracker.Finish().allocations, 0u);
  stop = true;
  noise.join();
}

TEST(AllocationThreadsTest, ATrackerGoesOnInTheChild) {
  static AllocationTracker* tracker = nullptr;
  AllocationTracker outer("outer");
  tracker = &outer;
  Allocate(3);
  EXPECT_TRUE(InChild([] {
    Allocate(4);
    return tracker->Finish().allocations == 7;
  }));
  EXPECT_EQ(outer.Finish().allocations, 3u);
}

}  // namespace
}  // namespace blixard::memory
