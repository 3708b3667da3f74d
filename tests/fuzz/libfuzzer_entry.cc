// Joins a fuzz target to libFuzzer, whose main() drives it.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  blixard::fuzz::FuzzOne({reinterpret_cast<const char*>(data), size});
  return 0;
}
