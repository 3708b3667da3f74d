// The C++20 memory model as a machine: given what ran so far, which stores may a load return?
//
// Each location keeps its last stores in modification order. A load may return any of them that is
// not older than one its thread is bound to know (coherence and happens-before), and the seed says
// which. Read-modify-writes read the newest. Release stores carry the knowledge of their thread,
// read-modify-writes pass on that of the store they replace (release sequences, C++20), relaxed
// accesses leave it to fences. Sequentially consistent accesses and fences stand in one total
// order, the order of execution, with the rules of C++20 [atomics.order] between them.
// The bookkeeping by "first seen at" follows Relacy (Vyukov, 2008); the two clocks are our own.
//
// Left out: loads that return stores of the future (load buffering), and stores that enter the
// modification order before its end (2+2W). BarrierOnEveryThread and CompilerFence have the meaning
// of the asymmetric fences in C++ proposal P1202: fences of the total order towards each other, and
// two CompilerFences order nothing. What the machine orders by luck is not ordered here.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_MEMORY_MODEL_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_MEMORY_MODEL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/memory_optimization/schedules/clock.h"
#include "tests/memory_optimization/schedules/random.h"

namespace blixard::memory::schedules {

enum class Violation {
  kNone,
  kNotCreated,  // the creation of the object does not happen before the access
  kDestroyed,   // access after destruction
  kWriteRace,   // a write of another thread does not happen before the access
  kReadRace,    // a read of another thread does not happen before the write
  kStillUsed,   // an access of another thread does not happen before the destruction
};

class MemoryModel {
 public:
  // Older stores are forgotten by all: nobody may return them any more.
  static constexpr uint32_t kHistory = 8;
  // A store becomes visible in finite time: a thread returns an older one this often in a row.
  static constexpr uint8_t kStaleInARow = 3;

  struct Read {
    uint64_t value = 0;
    uint32_t age = 0;  // 0: the newest store
  };

  // Of a new schedule: only thread 0 exists, nothing is stored.
  void Reset();
  // `thread` begins with what thread 0 knows, or thread 0 learns all that `thread` knew.
  void Fork(int thread);
  void Join(int thread);

  // One returned store in `one_in` reads is an old one; 0: never.
  void set_stale_one_in(uint32_t one_in) { stale_one_in_ = one_in; }

  // An atomic object, created by `thread`.
  uint32_t AddAtomic(int thread, uint64_t value);
  // One that was there before the schedule: every thread knows it.
  uint32_t AddOldAtomic(uint64_t value);
  Violation CheckAtomic(int thread, uint32_t location);
  Read Load(int thread, uint32_t location, std::memory_order order, Random& random);
  // A failed compare-exchange: never returns `not_value`, which the newest store is not.
  Read LoadOther(int thread, uint32_t location, uint64_t not_value, std::memory_order order,
                 Random& random);
  void Store(int thread, uint32_t location, uint64_t value, std::memory_order order);
  // Replaces the newest store.
  void Replace(int thread, uint32_t location, uint64_t value, std::memory_order order);
  // Returns the newest store.
  void LoadNewest(int thread, uint32_t location, std::memory_order order);
  Violation DestroyAtomic(int thread, uint32_t location);

  void Fence(int thread, std::memory_order order);
  void CompilerFence(int thread);
  void BarrierOnEveryThread(int thread);

  // An object that one thread at a time may use.
  uint32_t AddPlain(int thread);
  uint32_t AddOldPlain();
  Violation ReadPlain(int thread, uint32_t object);
  Violation WritePlain(int thread, uint32_t object);
  Violation DestroyPlain(int thread, uint32_t object);

  // Locks and the like hand knowledge over directly.
  void HandOver(int thread, Knowledge& to);
  void TakeOver(int thread, const Knowledge& from) { threads_[thread].now.Join(from); }

  const Clock& Happened(int thread) const { return threads_[thread].now.happened; }
  uint16_t Time(int thread) const { return threads_[thread].time; }

 private:
  struct StoreRecord {
    uint64_t value;
    Knowledge message;  // what an acquiring reader learns
    Clock first_seen;   // by each thread, and when in the total order
  };
  struct Birth {
    int thread = 0;
    uint16_t time = 0;
  };
  struct Location {
    std::array<StoreRecord, kHistory> history;
    uint32_t stores = 0;  // so far; the newest is history[(stores - 1) % kHistory]
    Birth birth;
    bool destroyed = false;
    Clock accessed = {};
    std::array<uint8_t, kMaxThreads> stale_in_a_row = {};
  };
  struct PlainObject {
    Birth last_write;
    bool destroyed = false;
    Clock reads = {};
  };
  struct Thread {
    uint16_t time = 0;
    Knowledge now = {};
    Knowledge pending = {};   // read by relaxed loads, learnt at the next acquire fence
    Knowledge released = {};  // at the last release fence: what relaxed stores carry
    Knowledge compiled = {};  // at the last CompilerFence
  };

  void Tick(int thread);
  bool Knows(int thread, const Birth& birth) const {
    return threads_[thread].now.happened.At(birth.thread) >= birth.time;
  }
  StoreRecord& AtAge(Location& location, uint32_t age) {
    return location.history[(location.stores - 1 - age) % kHistory];
  }
  uint32_t NewLocation();
  uint32_t ChooseAge(int thread, Location& location, std::memory_order order, Random& random);
  uint32_t OldestAllowed(int thread, Location& location, std::memory_order order);
  void See(int thread, StoreRecord& store, std::memory_order order);
  void Append(int thread, Location& location, uint64_t value, std::memory_order order,
              const Knowledge& continued);
  static void Learn(Thread& thread, const Knowledge& message, std::memory_order order);

  std::array<Thread, kMaxThreads> threads_;
  int thread_count_ = 1;
  std::vector<Location> locations_;  // reused from schedule to schedule
  size_t location_count_ = 0;
  std::vector<PlainObject> plain_;
  size_t plain_count_ = 0;
  uint32_t stale_one_in_ = 2;

  uint16_t total_order_ = 0;  // sequentially consistent accesses and fences so far
  Clock fenced_ = {};         // seen by any thread at its last fence of the total order
  Knowledge barriers_ = {};   // of threads at their last BarrierOnEveryThread
};

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_MEMORY_MODEL_H_
