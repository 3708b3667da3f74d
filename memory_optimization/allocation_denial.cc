#include "memory_optimization/allocation_denial.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "memory_optimization/allocation_stack.h"
#include "memory_optimization/allocation_symbols.h"

namespace blixard::memory {
namespace {

// Straight to the file: the code that allocates may hold the lock of any stream.
void Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

std::string_view Decimal(uint64_t value, char (&text)[24]) {
  char* at = std::end(text);
  do {
    *--at = static_cast<char>('0' + value % 10);
  } while ((value /= 10) != 0);
  return {at, static_cast<size_t>(std::end(text) - at)};
}

[[noreturn]] void Abort(std::string_view scope, size_t size, const uintptr_t* frames, int depth) {
  char number[24];
  Write("allocation of ");
  Write(Decimal(size, number));
  Write(" bytes denied in \"");
  Write(scope);
  Write("\" at\n");
  for (int i = 0; i < depth; ++i) {
    char symbol[1024];
    internal::DescribeAddress(frames[i], symbol, sizeof(symbol));
    Write("    ");
    Write(symbol);
    Write("\n");
  }
  std::abort();
}

}  // namespace

bool DenyAllocations::Admit(const internal::AllocationRequest& request) {
  uintptr_t frames[kMaxFrames];
  const bool wanted = on_allocation_ == OnAllocation::kAbort || denied_ == 0;
  const int depth = wanted ? internal::CaptureStack(request.frame, frames, kMaxFrames) : 0;
  if (on_allocation_ == OnAllocation::kAbort) Abort(name_, request.size, frames, depth);
  if (denied_++ == 0) {
    std::copy(frames, frames + depth, first_);
    first_depth_ = depth;
  }
  return true;
}

std::string DenyAllocations::FirstCallSite() const {
  const Exemption printing;
  std::string text;
  for (int i = 0; i < first_depth_; ++i) text += internal::SymbolOf(first_[i]) + "\n";
  return text;
}

DenyAllocations::Exemption::Exemption() : suspended_(internal::this_thread.guard) {
  internal::this_thread.guard = nullptr;
  internal::ExpectEvents(*internal::this_thread.record, false);
}

DenyAllocations::Exemption::~Exemption() {
  internal::this_thread.guard = suspended_;
  internal::ExpectEvents(*internal::this_thread.record, suspended_ != nullptr);
}

}  // namespace blixard::memory
