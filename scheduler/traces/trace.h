// What a public trace of VM requests says, in one shape whichever file it came from: the nodes it
// names, if any, and the VMs with their sizes and times. Plain values; readers and generators fill
// them, replay tools and benchmarks consume them.
#ifndef BLIXARD_SCHEDULER_TRACES_TRACE_H_
#define BLIXARD_SCHEDULER_TRACES_TRACE_H_

#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "scheduler/core/resources.h"

namespace blixard::scheduler::traces {

// Departure of a VM that outlives its trace.
inline constexpr double kNever = std::numeric_limits<double>::infinity();

// One VM that somebody asked for. Invariant of every reader and generator: the name is valid and
// unique in its trace, vCPU and memory are above 0, departs_days > arrives_days.
struct VmArrival {
  std::string name;
  Resources resources;
  double arrives_days = 0;  // since the trace begins; negative = it was alive before
  double departs_days = kNever;
};

struct NodeSpec {
  std::string name;
  Resources capacity;
};

struct Trace {
  std::vector<NodeSpec> nodes;  // empty when the source lists requests only
  std::vector<VmArrival> vms;   // in the order of the source
};

// The public sources that can be read; each has a header of its own with columns and units.
enum class TraceFormat {
  kAzurePacking,    // azure_packing.h
  kOpenb,           // openb.h
  kHuaweiTopology,  // huawei_topology.h
};

// The name a person types: "azure-packing", "openb", "huawei-topology".
absl::string_view TraceFormatName(TraceFormat format);

// The reverse. Errors: kInvalidArgument lists the names there are.
absl::StatusOr<TraceFormat> ParseTraceFormat(absl::string_view name);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_TRACE_H_
