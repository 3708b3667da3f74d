// Return addresses of the calling thread, by following frame pointers (-fno-omit-frame-pointer,
// which .bazelrc sets): some nanoseconds, no table, no lock, no allocation. A function built
// without frame pointers hides its caller, and a register reused for data ends the walk; what is
// never done is to read outside of the thread's own stack.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_STACK_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_STACK_H_

#include <cstdint>

#include "memory_optimization/allocation_threads.h"

namespace blixard::memory::internal {

// Finds the bounds of the stack that the caller runs on, once per thread. Reads /proc/self/maps
// with plain system calls: pthread_getattr_np allocates. Without /proc the bounds stay empty and
// every walk ends after its first address.
void FindStackBounds(ThreadState& thread);

// What a frame pointer points at.
struct [[gnu::packed, gnu::may_alias]] StackFrame {
  uintptr_t caller;
  uintptr_t return_address;
};

// Calls `take(address)` for return addresses, innermost first, until it returns false, the stack
// ends at `last`, or a frame lies where none can: a caller's frame is above its callee's. `frame`
// is the frame of a function still running. Data in the register instead of a frame pointer may be
// unaligned: within the stack that is harmless to read.
template <class Take>
[[gnu::always_inline]] inline void WalkFrames(const void* frame, uintptr_t last, Take take) {
  uintptr_t at = reinterpret_cast<uintptr_t>(frame);
  while (true) {
    const StackFrame* const here = reinterpret_cast<const StackFrame*>(at);
    if (!take(here->return_address)) return;
    const uintptr_t caller = here->caller;
    if (caller <= at || caller > last) return;
    at = caller;
  }
}

// Whether the stack that `frame` is on is known to be the thread's own.
[[gnu::always_inline]] inline bool OnOwnStack(const ThreadState& thread, const void* frame) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(frame);
  return at >= thread.stack_low && at <= thread.stack_last;
}

// Where the last frame of a walk of the calling thread from `frame` may be. On a stack that is not
// the thread's own (a signal's, a fibre's) that is `frame` itself: nothing tells where such a stack
// ends.
// Looks the bounds up if nobody did.
uintptr_t LastFrame(ThreadState& thread, const void* frame);

// The frames from `frame` on, innermost first; their number, at most `capacity`.
int CaptureStack(const void* frame, uintptr_t* addresses, int capacity);

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_STACK_H_
