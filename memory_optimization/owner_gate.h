// A lock with one cheap side. The owner thread goes in and out with plain stores and one load: no
// read-modify-write, no fence. Another thread may shut it out; that side pays for both with a
// process-wide memory barrier (membarrier(2)), so it is for rare events.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_OWNER_GATE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_OWNER_GATE_H_

#include <atomic>
#include <cstdint>

#if defined(__SANITIZE_THREAD__)
#define BLIXARD_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BLIXARD_THREAD_SANITIZER 1
#endif
#endif

namespace blixard::memory {

// Dekker's protocol: each side announces itself, then looks whether the other did. Between the two
// steps each side needs a store-load barrier; TryShut issues it for every thread of the process.
class OwnerGate {
 public:
  // Owner only. False: the gate is shut, nothing was entered, wait for whoever shut it.
  bool TryEnter() {
    inside_.store(1, kAnnounce);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (shut_.load(kLook) != 0) [[unlikely]] {
      Leave();
      return false;
    }
    return true;
  }

  // Owner only, after a successful TryEnter.
  void Leave() { inside_.store(0, std::memory_order_release); }

  // Any thread but the owner, one at a time. Returns when the owner is outside and will stay there
  // until Open. False: this kernel has no membarrier, and the gate stays open.
  bool TryShut();
  void Open() { shut_.store(0, std::memory_order_release); }

 private:
  // ThreadSanitizer cannot see membarrier; sequentially consistent accesses say the same to it.
#ifdef BLIXARD_THREAD_SANITIZER
  static constexpr std::memory_order kAnnounce = std::memory_order_seq_cst;
  static constexpr std::memory_order kLook = std::memory_order_seq_cst;
#else
  static constexpr std::memory_order kAnnounce = std::memory_order_relaxed;
  static constexpr std::memory_order kLook = std::memory_order_acquire;
#endif

  // Words of their own: a load next to a byte just stored waits for the store (3 ns a round
  // measured).
  std::atomic<uint64_t> inside_ = 0;
  std::atomic<uint64_t> shut_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_OWNER_GATE_H_
