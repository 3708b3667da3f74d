#include "memory_optimization/atomics.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace blixard::memory {

#ifdef BLIXARD_THREAD_SANITIZER
bool MachineAtomics::BarrierOnEveryThread() { return true; }
#else
namespace {

long Membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

}  // namespace

// A child process starts unregistered, so registration is repeated whenever the barrier is refused.
bool MachineAtomics::BarrierOnEveryThread() {
  if (Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return true;
  return Membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
         Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
}
#endif

}  // namespace blixard::memory
