#include "memory_optimization/owner_gate.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

namespace blixard::memory {
namespace {

#ifdef BLIXARD_THREAD_SANITIZER
bool BarrierOnEveryThread() { return true; }
#else
long Membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

// A child process starts unregistered, so registration is repeated whenever the barrier is refused.
bool BarrierOnEveryThread() {
  if (Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return true;
  return Membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
         Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
}
#endif

}  // namespace

bool OwnerGate::TryShut() {
  shut_.store(1, kAnnounce);
  if (!BarrierOnEveryThread()) {
    Open();
    return false;
  }
  while (inside_.load(kLook) != 0) std::this_thread::yield();
  return true;
}

}  // namespace blixard::memory
