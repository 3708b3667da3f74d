// Addresses of code as a person reads them.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SYMBOLS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SYMBOLS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace blixard::memory::internal {

// Writes the name of the function that a return address leads back into, or the address in
// hexadecimal if it has no name, to `text`, zero-terminated and cut at `capacity`. Allocates
// nothing.
void DescribeAddress(uintptr_t return_address, char* text, size_t capacity);

// The same as a string.
std::string SymbolOf(uintptr_t return_address);

// The same for many addresses, most of which come again.
class Symbols {
 public:
  const std::string& Of(uintptr_t return_address) {
    std::string& name = names_[return_address];
    if (name.empty()) name = SymbolOf(return_address);
    return name;
  }

 private:
  std::map<uintptr_t, std::string> names_;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SYMBOLS_H_
