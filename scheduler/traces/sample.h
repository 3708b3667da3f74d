// A generated demo input for whoever has no trace at hand. GENERATED: no row of it comes from a
// real cluster. Its shape follows published figures of Azure's 2020 VM packing trace (Protean,
// OSDI'20): about 7,000 VMs alive at the start, 3,230 arrivals a day, median life of 33 minutes
// with a heavy tail, about 80 sizes. What is not published in a sentence is our choice, written
// down at the tables in sample.cc: the mix of sizes (small ones dominate), the spread of lifetimes,
// and that arrivals are spread evenly over the days.
#ifndef BLIXARD_SCHEDULER_TRACES_SAMPLE_H_
#define BLIXARD_SCHEDULER_TRACES_SAMPLE_H_

#include <cstddef>
#include <cstdint>

#include "scheduler/traces/trace.h"

namespace blixard::scheduler::traces {

// Bounds on what one call may be asked to generate.
inline constexpr size_t kMaxSampleVms = 10'000'000;
inline constexpr size_t kMaxSampleNodes = 1'000'000;
inline constexpr uint32_t kMaxSampleDays = 3650;

struct SampleOptions {
  uint64_t seed = 1;
  size_t vms = 20'000;  // 1 to kMaxSampleVms; at 4 days this is the published scale
  uint32_t days = 4;  // 1 to kMaxSampleDays; the VMs are split as 7,000 at the start : 3,230 a day
  size_t nodes = 0;   // up to kMaxSampleNodes; 0 = the peak load and a fifth more
};

// The same trace for the same options on every machine: integer arithmetic throughout, times are
// whole seconds. Nodes are uniform, 48 vCPU and 768 GiB; with `nodes` left at 0 there are enough
// that first-fit and best-fit place every request. VMs are listed in order of arrival; those alive
// at the start arrive at time 0; whoever is still alive when the days end never leaves. CHECKs the
// bounds.
Trace GenerateSample(const SampleOptions& options);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_SAMPLE_H_
