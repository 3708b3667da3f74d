#include "tests/memory_optimization/schedules/fiber.h"

#include <glog/logging.h>
#include <sys/mman.h>

#include <cstdint>

#include "memory_optimization/sanitizers.h"

#ifdef BLIXARD_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef BLIXARD_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

#ifndef __x86_64__
#error "fiber.cc: the switch is written for x86-64 only"
#endif

// What a call must preserve goes onto the stack left behind; swapcontext(3) would add two system
// calls to every step.
extern "C" void BlixardSwitchStacks(void** save, void* load);
asm(R"(
.text
.globl BlixardSwitchStacks
.type BlixardSwitchStacks, @function
BlixardSwitchStacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size BlixardSwitchStacks, . - BlixardSwitchStacks
.section .note.GNU-stack, "", @progbits
.text
)");

namespace blixard::memory::schedules {
namespace {

// The fiber that a switch under way goes to, and the one it comes from.
constinit thread_local Fiber* arriving = nullptr;
constinit thread_local Fiber* departing = nullptr;

}  // namespace

Fiber::Fiber() {
#ifdef BLIXARD_THREAD_SANITIZER
  shadow_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(Entry entry, void* argument) : entry_(entry), argument_(argument) {
  stack_ = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  PCHECK(stack_ != MAP_FAILED) << "stack of a fiber: " << kStackBytes << " bytes";
  PCHECK(mprotect(stack_, 4096, PROT_NONE) == 0) << "guard page of a fiber's stack";
  stack_bottom_ = stack_;
  stack_bytes_ = kStackBytes;
  // As if Begin had been called: a return address under it, six registers above.
  auto* top = reinterpret_cast<uintptr_t*>(static_cast<char*>(stack_) + kStackBytes);
  top[-1] = 0;
  top[-2] = reinterpret_cast<uintptr_t>(&Fiber::Begin);
  stack_pointer_ = top - 8;
#ifdef BLIXARD_THREAD_SANITIZER
  shadow_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  if (stack_ == nullptr) return;
#ifdef BLIXARD_THREAD_SANITIZER
  __tsan_destroy_fiber(shadow_);
#endif
  munmap(stack_, kStackBytes);
}

void Fiber::Begin() {
  Fiber& self = *arriving;
#ifdef BLIXARD_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(nullptr, &departing->stack_bottom_, &departing->stack_bytes_);
#endif
  self.entry_(self.argument_);
  LOG(FATAL) << "the entry of a fiber returned";
  __builtin_unreachable();
}

void Fiber::Jump(Fiber& from, Fiber& to) {
  arriving = &to;
  departing = &from;
#ifdef BLIXARD_THREAD_SANITIZER
  __tsan_switch_to_fiber(to.shadow_, 0);
#endif
  BlixardSwitchStacks(&from.stack_pointer_, to.stack_pointer_);
}

void Fiber::Switch(Fiber& from, Fiber& to) {
#ifdef BLIXARD_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(&from.fake_stack_, to.stack_bottom_, to.stack_bytes_);
#endif
  Jump(from, to);
#ifdef BLIXARD_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(from.fake_stack_, &departing->stack_bottom_,
                                  &departing->stack_bytes_);
#endif
}

void Fiber::Leave(Fiber& from, Fiber& to) {
#ifdef BLIXARD_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(nullptr, to.stack_bottom_, to.stack_bytes_);
#endif
  Jump(from, to);
  LOG(FATAL) << "a fiber was switched to after it had left";
  __builtin_unreachable();
}

}  // namespace blixard::memory::schedules
