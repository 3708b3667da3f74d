// A key put together for one lookup: in a string that the thread keeps.
#include "memory_optimization/scratch.h"

#include <glog/logging.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "memory_optimization/allocation_tracker.h"
#include "memory_optimization/flat_map.h"

using blixard::memory::AllocationTracker;
using blixard::memory::FlatMap;
using blixard::memory::Scratch;

int main() {
  const FlatMap<std::string, int> table = {{"a-tenant-with-a-long-name/web-frontend", 7}};
  const auto find = [&table](const char* tenant, const char* name) {
    const Scratch<std::string> key;
    absl::StrAppend(&*key, tenant, "/", name);
    return table.find(*key)->second;
  };
  find("a-tenant-with-a-long-name", "web-frontend");
  AllocationTracker tracker("lookups");
  for (int i = 0; i < 100; ++i) CHECK_EQ(find("a-tenant-with-a-long-name", "web-frontend"), 7);
  CHECK_EQ(tracker.Finish().Print().allocations, 0u);
}
