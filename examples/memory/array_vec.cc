// A group has at most seven replicas: the list can neither grow nor allocate, and says so.
#include "memory_optimization/array_vec.h"

#include <glog/logging.h>

#include <cstdint>

using blixard::memory::ArrayVec;

int main() {
  ArrayVec<uint64_t, 7> replicas;
  for (uint64_t id = 1; id <= 7; ++id) CHECK(replicas.TryPush(id) != nullptr);
  CHECK(replicas.TryPush(8u) == nullptr) << "an eighth is an error of the caller's input";
  CHECK_EQ(replicas.size(), 7u);
}
