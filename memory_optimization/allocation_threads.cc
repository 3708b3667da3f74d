#include "memory_optimization/allocation_threads.h"

#include <pthread.h>

#include <algorithm>

namespace blixard::memory {
namespace internal {

// Zero-initialised, all of them, so that the table costs address space and no memory until used.
constinit ThreadRecord thread_records[kMaxTrackedThreads] = {};
constinit std::atomic<int> used_thread_records = 0;
// next_event 0: whoever counts here takes the slow path, which tries to find a record of its own.
constinit ThreadRecord shared_record = {.allocations = 0,
                                        .frees = 0,
                                        .bytes = 0,
                                        .next_event = 0,
                                        .next_sample = 0,
                                        .sample_at = 0,
                                        .sample_random = 0,
                                        .sites = nullptr,
                                        .published_sites = nullptr,
                                        .claimed = true,
                                        .index = kMaxTrackedThreads,
                                        .owner_tag = OwnerTag(kMaxTrackedThreads, 1),
                                        .shared = true};

[[gnu::tls_model("initial-exec")]] constinit thread_local ThreadState this_thread = {
    .record = &shared_record};

namespace {

pthread_key_t exit_key;
constinit std::atomic<bool> exit_key_exists = false;

// Runs after the destructors of C++ thread-locals. Other keys' destructors may still allocate and
// free: that goes to the shared record.
void GiveRecordBack(void* record) {
  this_thread.ended = true;
  this_thread.record = &shared_record;
  static_cast<ThreadRecord*>(record)->claimed.store(false, std::memory_order_release);
}

// Only the thread that called fork lives in the child: the others' records are free there, with the
// counts of what the child inherited.
void KeepOwnRecordOnly() {
  ForEachRecord([](ThreadRecord& record) {
    if (&record != this_thread.record && !record.shared) {
      record.claimed.store(false, std::memory_order_relaxed);
    }
  });
}

// Before the constructors of the program: pthread_setspecific allocates for the 33rd key and later.
// What allocates earlier is the main thread, whose record need never come back.
[[gnu::constructor(101)]] void WatchThreadExits() {
  exit_key_exists.store(pthread_key_create(&exit_key, GiveRecordBack) == 0,
                        std::memory_order_release);
  pthread_atfork(nullptr, nullptr, KeepOwnRecordOnly);
}

ThreadRecord* ClaimRecord() {
  for (int i = 0; i < kMaxTrackedThreads; ++i) {
    ThreadRecord& record = thread_records[i];
    bool claimed = record.claimed.load(std::memory_order_relaxed);
    if (claimed || !record.claimed.compare_exchange_strong(claimed, true, std::memory_order_acquire,
                                                           std::memory_order_relaxed)) {
      continue;
    }
    record.index = static_cast<uint32_t>(i);
    record.owner_tag = OwnerTag(record.index, 1);
    int used = used_thread_records.load(std::memory_order_relaxed);
    while (used <= i && !used_thread_records.compare_exchange_weak(
                            used, i + 1, std::memory_order_release, std::memory_order_relaxed)) {
    }
    return &record;
  }
  return nullptr;
}

}  // namespace

ThreadRecord& RegisterThisThread() {
  if (!this_thread.record->shared || this_thread.ended) return *this_thread.record;
  ThreadRecord* const record = ClaimRecord();
  if (record == nullptr) return shared_record;
  this_thread.record = record;
  ExpectEvents(*record, this_thread.guard != nullptr);
  if (exit_key_exists.load(std::memory_order_acquire)) pthread_setspecific(exit_key, record);
  return *record;
}

void ExpectEvents(ThreadRecord& record, bool guarded) {
  if (record.shared) return;  // always on the slow path
  record.next_event = guarded ? 0 : kNoEvent;
  record.next_sample = guarded ? 0 : record.sample_at;
}

}  // namespace internal

AllocationCounts AllocationTotals() {
  AllocationCounts totals;
  internal::ForEachRecord([&totals](const internal::ThreadRecord& record) {
    const AllocationCounts counts = internal::CountsOf(record);
    totals.allocations += counts.allocations;
    totals.frees += counts.frees;
    totals.bytes += counts.bytes;
  });
  return totals;
}

}  // namespace blixard::memory
