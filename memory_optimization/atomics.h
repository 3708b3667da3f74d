// Where the lock-free parts of this folder get their atomics from. Production code runs on the
// machine's; the tests run the same templates on a model that chooses every interleaving and every
// stale read from a seed (tests/memory_optimization/schedules).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ATOMICS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ATOMICS_H_

#include <atomic>
#include <mutex>
#include <thread>

#include "memory_optimization/sanitizers.h"

namespace blixard::memory {

struct MachineAtomics {
  template <class T>
  using Atomic = std::atomic<T>;
  // A word that the protocol around it keeps to one thread at a time; the model checks that it
  // does.
  template <class T>
  using Plain = T;
  using Mutex = std::mutex;

  // The cheap side of an asymmetric barrier: `Announce` is the order of the store that says "I am
  // in", `Look` that of the load after it that asks "is it forbidden?". Between the two stands
  // CompilerFence. ThreadSanitizer cannot see membarrier(2); sequentially consistent accesses say
  // the same to it.
#ifdef BLIXARD_THREAD_SANITIZER
  static constexpr std::memory_order kAnnounce = std::memory_order_seq_cst;
  static constexpr std::memory_order kLook = std::memory_order_seq_cst;
#else
  static constexpr std::memory_order kAnnounce = std::memory_order_relaxed;
  static constexpr std::memory_order kLook = std::memory_order_acquire;
#endif
  static void CompilerFence() { std::atomic_signal_fence(std::memory_order_seq_cst); }
  // The dear side: a full barrier on every running thread of the process, membarrier(2). False: the
  // kernel has none, and nothing was ordered.
  static bool BarrierOnEveryThread();

  static void Fence(std::memory_order order) { std::atomic_thread_fence(order); }
  static void Yield() { std::this_thread::yield(); }
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ATOMICS_H_
