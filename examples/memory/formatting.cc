// Text put together without temporaries, in memory that is used again.
#include <fmt/format.h>
#include <glog/logging.h>

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "memory_optimization/allocation_tracker.h"
#include "memory_optimization/scratch.h"

using blixard::memory::AllocationTracker;
using blixard::memory::Scratch;

size_t Line(int node, int free_vcpu) {
  const Scratch<std::string> line;
  fmt::format_to(std::back_inserter(*line), "node {} has {} vCPU free", node, free_vcpu);
  absl::StrAppend(&*line, " of ", 48, ", checked just now");  // not: *line + " of " + ...
  return line->size();
}

int main() {
  Line(1, 2);
  AllocationTracker tracker("lines");
  for (int node = 0; node < 1000; ++node) CHECK_GT(Line(node, node % 48), 40u);
  CHECK_EQ(tracker.Finish().Print().allocations, 0u);
}
