#include "memory_optimization/allocation_symbols.h"

#include <algorithm>
#include <iterator>

#include "absl/debugging/symbolize.h"

namespace blixard::memory::internal {
namespace {

void WriteHexadecimal(uintptr_t value, char* text, size_t capacity) {
  char reversed[2 * sizeof(value)];
  size_t digits = 0;
  for (; value != 0 || digits == 0; value /= 16)
    reversed[digits++] = "0123456789abcdef"[value % 16];
  constexpr char kPrefix[] = {'0', 'x'};
  if (capacity < std::size(kPrefix) + digits + 1) {
    if (capacity > 0) *text = '\0';
    return;
  }
  text = std::copy(std::begin(kPrefix), std::end(kPrefix), text);
  text = std::reverse_copy(reversed, reversed + digits, text);
  *text = '\0';
}

}  // namespace

void DescribeAddress(uintptr_t return_address, char* text, size_t capacity) {
  // The call stands before the address it returns to, which may be in the next function already.
  const void* const call = reinterpret_cast<const void*>(return_address - 1);
  if (!absl::Symbolize(call, text, static_cast<int>(capacity))) {
    WriteHexadecimal(return_address, text, capacity);
  }
}

std::string SymbolOf(uintptr_t return_address) {
  char text[1024];
  DescribeAddress(return_address, text, sizeof(text));
  return text;
}

}  // namespace blixard::memory::internal
