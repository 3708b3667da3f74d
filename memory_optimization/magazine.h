// One thread's idle items of one depot, and how a thread finds its own.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "memory_optimization/cache_line.h"
#include "memory_optimization/magazine_slots.h"

namespace blixard::memory {

class MagazineDepot;

namespace internal {

// Names the calling thread while it lives; costs one load.
inline const void* ThisThread() { return __builtin_thread_pointer(); }

// Belongs to its depot, which hands it to one thread after the other: as many exist as threads ever
// used the depot at once.
struct alignas(kCacheLinePairBytes) Magazine {
  static constexpr uint32_t kSlots = 127;
  static constexpr uint32_t kCapacity = kSlots + 1;  // with the hot slot

  // Who may put without the mutex: the owner, or nobody when there is none and while somebody
  // waits for an item to come back. Releases on other threads read it too, so what the owner
  // writes all the time stands apart.
  std::atomic<const void*> thread = nullptr;

  // Under the depot's mutex.
  MagazineDepot* depot = nullptr;     // constant
  Magazine* next_of_depot = nullptr;  // constant: a magazine dies with its depot
  uint32_t quota = 0;                 // items it may hold; 0: no owner

  // Under lifetime_mutex (thread_magazines.cc): the list of its thread.
  Magazine** entry = nullptr;  // in its thread's lookup, or `no_entry`; null: no owner
  Magazine* no_entry = nullptr;
  Magazine* next_of_thread = nullptr;
  Magazine** link_of_thread = nullptr;  // what points here

  alignas(kCacheLinePairBytes) MagazineSlots<void*, kSlots> slots;
  std::atomic<uint64_t> from_elsewhere = 0;  // items put here that another thread had acquired

  bool IsOfThisThread() const { return thread.load(std::memory_order_relaxed) == ThisThread(); }
};

// Stands for "no magazine" where a null check would cost: empty, full, and of no thread.
extern constinit Magazine nobodys_magazine;

// One entry for each depot alive, nobody's until the thread has a magazine of it. Entry 0 stays so
// and serves the depots that found none free, whose every call is then slow.
inline constexpr size_t kLookupEntries = 512;
[[gnu::tls_model(
    "initial-exec")]] extern constinit thread_local std::array<Magazine*, kLookupEntries>
    this_thread_lookup;

// Where a depot's magazine is looked up: the way from the thread pointer to its entry, which is the
// same in every thread. Two loads, no compare.
class MagazineKey {
 public:
  explicit MagazineKey(size_t index)
      : offset_(reinterpret_cast<const char*>(&this_thread_lookup[index]) -
                static_cast<const char*>(ThisThread())) {}

  // The calling thread's entry; never null.
  Magazine*& Entry() const {
    const char* entry = static_cast<const char*>(ThisThread()) + offset_;
    return *reinterpret_cast<Magazine**>(const_cast<char*>(entry));
  }

 private:
  ptrdiff_t offset_;
};

// The magazines of the calling thread, and the entries of all. Constinit and trivially
// destructible; a janitor armed with the first magazine gives them all back at thread exit.
// Thread-local and static objects destroyed after that use their pools without magazines.
class ThreadMagazines {
 public:
  static size_t ClaimEntry();  // 0: none is free
  // The depot dies: no thread has a magazine of it from now on.
  static void ReleaseEntry(size_t index, Magazine* first_of_depot);

  // Null when the thread is past its janitor, or the depot has none to give.
  static Magazine* FindOrRegister(MagazineDepot& depot);

 private:
  static Magazine* Find(const MagazineDepot& depot);
  static void ArmJanitor();
  static void LeaveAll();
};

}  // namespace internal
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_MAGAZINE_H_
