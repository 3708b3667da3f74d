// One door to all readers: the VMs of a trace file in a format the caller names.
#ifndef BLIXARD_SCHEDULER_TRACES_READ_TRACE_H_
#define BLIXARD_SCHEDULER_TRACES_READ_TRACE_H_

#include <string>

#include "absl/status/statusor.h"
#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

// Reads the VMs of `path`; the nodes stay empty (uniform_nodes.h and node_file.h make them).
// Errors: kNotFound with the path when there is no such file; kInvalidArgument
// "FILE:LINE: field: want ..., got ..." for the first line that is wrong.
absl::StatusOr<Trace> ReadTrace(TraceFormat format, const std::string& path);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_READ_TRACE_H_
