// A VM's name within its record: no heap, and the record is copied as bytes.
#include "memory_optimization/inline_string.h"

#include <glog/logging.h>

#include <cstdint>
#include <string>
#include <type_traits>

using blixard::memory::InlineString;

struct Vm {
  InlineString<63> name;
  uint32_t vcpu_milli = 0;
};
static_assert(std::is_trivially_copyable_v<Vm>);

int main() {
  Vm vm;
  CHECK(vm.name.TryAssign("web-1"));
  const Vm copy = vm;
  CHECK_EQ(copy.name.view(), "web-1");
  CHECK(!vm.name.TryAssign(std::string(64, 'x'))) << "an error of the caller's input";
  CHECK(vm.name == copy.name) << "and nothing has changed";
}
