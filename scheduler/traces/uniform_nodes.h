// A fleet of equal nodes from one short word of a command line: "1460:48:768".
#ifndef BLIXARD_SCHEDULER_TRACES_UNIFORM_NODES_H_
#define BLIXARD_SCHEDULER_TRACES_UNIFORM_NODES_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "scheduler/core/resources.h"
#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

inline constexpr size_t kMaxUniformNodes = 1'000'000;

// Nodes named node-00001, node-00002, ... (as many digits as the last one needs, at least 5).
// Needs 1 <= count <= kMaxUniformNodes.
std::vector<NodeSpec> UniformNodes(size_t count, const Resources& capacity);

// Reads "N:VCPU:MEMORY_GIB", all whole numbers above 0; no disk.
// Errors: kInvalidArgument names the part, what is wanted and what was given.
absl::StatusOr<std::vector<NodeSpec>> ParseUniformNodes(absl::string_view text);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_UNIFORM_NODES_H_
