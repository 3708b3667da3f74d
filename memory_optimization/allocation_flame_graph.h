// The call sites of a report as a picture.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_FLAME_GRAPH_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_FLAME_GRAPH_H_

#include <string>
#include <string_view>

#include "memory_optimization/allocation_report.h"

namespace blixard::memory {

// A flame graph (Gregg, "The Flame Graph", 2016) as one SVG file without script: callers on top,
// what they call beneath, width by bytes allocated; a function's bytes, share and allocations
// appear where the pointer rests. Functions too narrow to see are left out.
std::string ToFlameGraph(const AllocationReport& report, std::string_view title);

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_FLAME_GRAPH_H_
