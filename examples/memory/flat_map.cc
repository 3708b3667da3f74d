// A table of ports by name that is asked with text of any type.
#include "memory_optimization/flat_map.h"

#include <glog/logging.h>

#include <cstdint>
#include <string>
#include <string_view>

using blixard::memory::FlatMap;
using blixard::memory::FlatSet;

int main() {
  FlatMap<std::string, int> ports = {{"web", 80}, {"db", 5432}};
  const std::string_view asked = "db";
  CHECK_EQ(ports.find(asked)->second, 5432);  // no std::string is built

  FlatSet<uint64_t> ids;
  ids.reserve(10'000);                                        // the only allocation
  for (uint64_t i = 0; i < 10'000; ++i) ids.insert(i << 32);  // no keys are bad keys
  CHECK(ids.contains(uint64_t{17} << 32));
}
