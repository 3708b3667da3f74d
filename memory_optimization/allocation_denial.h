// "Nothing is allocated here", enforced: where a hot path must not go to the heap, an allocation
// ends the process and names its call site. Needs the allocation hook (allocation_hook.cc); without
// it nothing is noticed.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_DENIAL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_DENIAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "memory_optimization/allocation_guard.h"

namespace blixard::memory {

// While it lives, no allocation of the thread that constructed it goes unnoticed; other threads may
// allocate, and everybody may free. Scopes nest.
class DenyAllocations final : private internal::AllocationGuardBase {
 public:
  enum class OnAllocation : uint8_t {
    kAbort,   // writes the scope's name and the stack to standard error, then abort()
    kReport,  // lets it happen; see denied() and FirstCallSite()
  };

  // The characters of `name` must outlive the scope.
  explicit DenyAllocations(std::string_view name, OnAllocation on_allocation = OnAllocation::kAbort)
      : name_(name), on_allocation_(on_allocation) {}

  // Allocations that happened although they should not have.
  uint64_t denied() const { return denied_; }
  // The stack of the first, one function a line, innermost first; empty if there was none.
  std::string FirstCallSite() const;

  // While it lives, the denials around it on this thread are suspended: for the rare path inside a
  // hot one, a log line for example.
  class Exemption;

 private:
  static constexpr int kMaxFrames = 16;

  bool Admit(const internal::AllocationRequest& request) override;

  const std::string_view name_;
  const OnAllocation on_allocation_;
  uint64_t denied_ = 0;
  uintptr_t first_[kMaxFrames] = {};
  int first_depth_ = 0;
};

class DenyAllocations::Exemption {
 public:
  Exemption();
  ~Exemption();
  Exemption(const Exemption&) = delete;
  Exemption& operator=(const Exemption&) = delete;

 private:
  internal::AllocationGuardBase* const suspended_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_DENIAL_H_
