// Calls in flight under keys that may travel as plain numbers; a late answer finds nothing, even
// when the call's place was taken by another.
#include "memory_optimization/slab.h"

#include <glog/logging.h>

#include <cstdint>
#include <string>

using blixard::memory::Slab;

int main() {
  Slab<std::string> calls(1000);
  const auto first = calls.TryEmplace("first call");
  CHECK(first.has_value()) << "1000 are in flight";
  const uint64_t tag = first->bits();  // for epoll or a gRPC tag
  CHECK_EQ(*calls.Find(Slab<std::string>::Key::FromBits(tag)), "first call");

  calls.Erase(*first);
  const auto second = calls.TryEmplace("second call");  // in the same place
  CHECK(second.has_value());
  CHECK(calls.Find(Slab<std::string>::Key::FromBits(tag)) == nullptr);
}
