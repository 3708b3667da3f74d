// Where the allocation hook counts and the tracker reads: one record per thread, written by its
// thread alone with plain loads and stores, so that counting takes no locked instruction. Nothing
// here allocates or locks; the hook calls it from inside malloc.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_THREADS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_THREADS_H_

#include <atomic>
#include <cstdint>
#include <limits>

#include "memory_optimization/allocation_counts.h"

namespace blixard::memory::internal {

class AllocationGuardBase;
struct SiteBook;

inline constexpr uint64_t kNoEvent = std::numeric_limits<uint64_t>::max();
// Threads that have a record of their own at one time. Those beyond share one record, with locked
// instructions: the totals stay exact, but trackers refuse to work there.
inline constexpr int kMaxTrackedThreads = 4096;

// The low bits of the second word of a BlockNote (allocation_shadow.h): which record allocated a
// block, and how many allocations the block stands for.
inline constexpr int kWeightBits = 20;
inline constexpr int kOwnerBits = 33;
constexpr uint64_t OwnerTag(uint64_t record_index, uint64_t weight) {
  return record_index << kWeightBits | weight;
}
static_assert(OwnerTag(kMaxTrackedThreads, 0) >> kOwnerBits == 0);

// In static storage that is never given back: a reader may look at the record of a thread that
// ends. A record outlives its thread with its counts, and the next thread adopts it and counts on:
// totals are sums over all records, and thread churn costs no memory.
struct alignas(64) ThreadRecord {
  std::atomic<uint64_t> allocations;
  std::atomic<uint64_t> frees;
  std::atomic<uint64_t> bytes;
  // The allocation that lifts `bytes` to this value takes the slow path: 0 while a guard watches.
  uint64_t next_event;
  // The same for sampling, where the next sample may come first.
  uint64_t next_sample;
  uint64_t sample_at;  // `bytes` of the next sample; 0: not drawn yet
  uint64_t sample_random;
  SiteBook* sites;  // created by its thread, read by reports through `published_sites`
  std::atomic<SiteBook*> published_sites;
  std::atomic<bool> claimed;
  uint32_t index;      // in thread_records, kMaxTrackedThreads for the shared one; set when claimed
  uint64_t owner_tag;  // OwnerTag(index, 1)
  bool shared;         // not one thread's: add with locked instructions
};

// Of one thread. Constant-initialised and trivially destructible, so that it counts from the first
// instruction of a thread to its last; in static thread storage, so that reaching it never
// allocates.
struct ThreadState {
  ThreadRecord* record;
  AllocationGuardBase* guard = nullptr;  // the innermost
  bool ended = false;  // the record was given back: the last moments of the thread
  // Of the thread's stack: its lowest byte (0: not looked up yet) and its highest possible frame.
  uintptr_t stack_low = 0;
  uintptr_t stack_last = 0;
};

extern ThreadRecord shared_record;
[[gnu::tls_model("initial-exec")]] extern constinit thread_local ThreadState this_thread;

// Claims a record for the calling thread unless it has one, has ended, or none is left; its record.
// The record is given back when the thread ends.
ThreadRecord& RegisterThisThread();

// Keeps `next_event` and `next_sample` right after a guard came or went.
void ExpectEvents(ThreadRecord& record, bool guarded);

inline uint64_t Read(const std::atomic<uint64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

// Adds to a counter that only the calling thread writes. What load and store with relaxed order
// mean, in the one instruction that compilers make of it for plain integers only.
[[gnu::always_inline]] inline void Bump(std::atomic<uint64_t>& counter, uint64_t amount) {
#if defined(__x86_64__)
  static_assert(sizeof(counter) == sizeof(uint64_t));
  asm("addq %1, %0" : "+m"(counter) : "er"(amount) : "cc");
#else
  counter.store(Read(counter) + amount, std::memory_order_relaxed);
#endif
}

inline void CountAllocation(ThreadRecord& record, uint64_t size) {
  if (record.shared) [[unlikely]] {
    record.allocations.fetch_add(1, std::memory_order_relaxed);
    record.bytes.fetch_add(size, std::memory_order_relaxed);
    return;
  }
  Bump(record.allocations, 1);
  Bump(record.bytes, size);
}

inline void CountFree(ThreadRecord& record) {
  if (record.shared) [[unlikely]] {
    record.frees.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  Bump(record.frees, 1);
}

inline AllocationCounts CountsOf(const ThreadRecord& record) {
  return {.allocations = Read(record.allocations),
          .frees = Read(record.frees),
          .bytes = Read(record.bytes)};
}

// Calls `visit(record)` for every record that ever counted. A thread that counts meanwhile may be
// seen before or after, counter by counter.
template <class Visit>
void ForEachRecord(Visit visit);

extern ThreadRecord thread_records[kMaxTrackedThreads];
extern std::atomic<int> used_thread_records;

template <class Visit>
void ForEachRecord(Visit visit) {
  visit(shared_record);
  const int used = used_thread_records.load(std::memory_order_acquire);
  for (int i = 0; i < used; ++i) visit(thread_records[i]);
}

}  // namespace blixard::memory::internal

namespace blixard::memory {

// Of all threads since the process started (in a child of fork: since its ancestor did), those that
// ended included. Exact when the other threads stand still.
AllocationCounts AllocationTotals();

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_THREADS_H_
