#include "scheduler/traces/sample.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "scheduler/traces/events.h"
#include "scheduler/traces/splitmix64.h"
#include "scheduler/traces/uniform_nodes.h"

namespace blixard::scheduler::traces {
namespace {

constexpr uint32_t kSecondsPerDay = 86'400;
constexpr Resources kNodeCapacity = {.vcpu_milli = 48'000, .memory_mib = 768 * 1024};

// Published: alive at the start, arrivals in a day. Only their proportion matters here.
constexpr uint64_t kAliveAtStart = 7'000;
constexpr uint64_t kArrivalsPerDay = 3'230;

struct Weighted {
  uint32_t amount;
  uint32_t weight;
};

// Our choice: 10 counts of vCPUs, those of 1, 2 and 4 in front, times 8 shapes of memory, those of
// 7 and 14 GiB for a vCPU in front, make 80 sizes. Nodes have 16 GiB for a vCPU: vCPUs run out
// first.
constexpr std::array<Weighted, 10> kVcpuMilli = {{{250, 3},
                                                  {500, 5},
                                                  {1'000, 16},
                                                  {2'000, 27},
                                                  {4'000, 25},
                                                  {8'000, 12},
                                                  {12'000, 2},
                                                  {16'000, 7},
                                                  {24'000, 1},
                                                  {32'000, 2}}};
constexpr std::array<Weighted, 8> kMibPerVcpu = {{{1'792, 3},
                                                  {2'048, 4},
                                                  {3'584, 6},
                                                  {4'096, 14},
                                                  {7'168, 26},
                                                  {8'192, 10},
                                                  {14'336, 22},
                                                  {16'384, 15}}};

// Lifetimes by rank: among a million VMs, `rank` live shorter than `seconds`. The median is the
// published 33 minutes. Our choice: a log-normal law around it, its standard deviation (of the
// logarithm) 1.7 below the median and, for the heavy tail, 2.4 above; between the points a straight
// line. A table, because exp and log differ in their last bits between machines.
struct LifetimePoint {
  uint32_t rank;
  uint32_t seconds;
};
constexpr uint32_t kRanks = 1'000'000;
constexpr std::array<LifetimePoint, 35> kLifetimes = {{
    {0, 5},
    {687, 9},
    {1350, 12},
    {2555, 17},
    {4661, 24},
    {8198, 33},
    {13903, 47},
    {22750, 66},
    {35930, 93},
    {54799, 130},
    {80757, 183},
    {115070, 257},
    {158655, 362},
    {211855, 508},
    {274253, 714},
    {344578, 1003},
    {420740, 1409},
    {500000, 1980},
    {579260, 3200},
    {655422, 5171},
    {725747, 8357},
    {788145, 13505},
    {841345, 21826},
    {884930, 35272},
    {919243, 57003},
    {945201, 92120},
    {964070, 148873},
    {977250, 240591},
    {986097, 388812},
    {991802, 628350},
    {995339, 1015460},
    {997445, 1641059},
    {998650, 2652073},
    {999313, 4285947},
    {kRanks, 6926000},
}};

// Our choice: of those alive at the start a quarter leaves, evenly over ten days; they make room
// for the long-lived among the arrivals, so that the load stays about level.
constexpr uint32_t kLeavingOneIn = 4;
constexpr uint32_t kLeaveWithinSeconds = 10 * kSecondsPerDay;

uint32_t Draw(SplitMix64& random, absl::Span<const Weighted> choices) {
  uint32_t total = 0;
  for (const Weighted& choice : choices) total += choice.weight;
  uint32_t ticket = random.Below(total);
  for (const Weighted& choice : choices) {
    if (ticket < choice.weight) return choice.amount;
    ticket -= choice.weight;
  }
  LOG(FATAL) << "ticket beyond all weights";
}

Resources DrawSize(SplitMix64& random) {
  const uint32_t vcpu_milli = Draw(random, kVcpuMilli);
  const uint32_t mib_per_vcpu = Draw(random, kMibPerVcpu);
  return {.vcpu_milli = vcpu_milli,
          .memory_mib = static_cast<uint32_t>(uint64_t{vcpu_milli} * mib_per_vcpu / 1'000)};
}

uint32_t DrawLifetimeSeconds(SplitMix64& random) {
  const uint32_t rank = random.Below(kRanks);
  const auto above =
      std::upper_bound(kLifetimes.begin(), kLifetimes.end(), rank,
                       [](uint32_t r, const LifetimePoint& point) { return r < point.rank; });
  CHECK(above != kLifetimes.begin() && above != kLifetimes.end()) << rank;
  const LifetimePoint& low = above[-1];
  const uint64_t rise = above->seconds - low.seconds;
  return low.seconds + static_cast<uint32_t>(rise * (rank - low.rank) / (above->rank - low.rank));
}

// How long a VM stays that is alive at the start; beyond any end when it never leaves.
uint64_t DrawRemainingSeconds(SplitMix64& random) {
  const bool leaves = random.Below(kLeavingOneIn) == 0;
  const uint64_t seconds = 1 + random.Below(kLeaveWithinSeconds);
  return leaves ? seconds : uint64_t{kMaxSampleDays} * kSecondsPerDay;
}

// Seconds of arrival in order: those alive at the start at 0, the others evenly over the days.
std::vector<uint32_t> DrawArrivals(SplitMix64& random, const SampleOptions& options) {
  const uint64_t shares = kAliveAtStart + kArrivalsPerDay * options.days;
  const size_t at_start = static_cast<size_t>(options.vms * kAliveAtStart / shares);
  std::vector<uint32_t> arrivals(options.vms, 0);
  for (size_t i = at_start; i < arrivals.size(); ++i) {
    arrivals[i] = 1 + random.Below(options.days * kSecondsPerDay - 1);
  }
  std::sort(arrivals.begin(), arrivals.end());
  return arrivals;
}

VmArrival MakeVm(SplitMix64& random, uint32_t arrives, uint32_t end) {
  const Resources size = DrawSize(random);
  const uint64_t stays = arrives == 0 ? DrawRemainingSeconds(random) : DrawLifetimeSeconds(random);
  const uint64_t departs = arrives + stays;
  return {.name = {},
          .resources = size,
          .arrives_days = static_cast<double>(arrives) / kSecondsPerDay,
          .departs_days = departs < end ? static_cast<double>(departs) / kSecondsPerDay : kNever};
}

// Enough for the peak of vCPUs and of memory with a fifth to spare for what packing loses.
size_t NodesForPeak(const Trace& trace) {
  uint64_t vcpu_milli = 0;
  uint64_t memory_mib = 0;
  uint64_t peak_vcpu_milli = 0;
  uint64_t peak_memory_mib = 0;
  for (const Event& event : EventsInOrder(trace)) {
    const Resources& size = trace.vms[event.vm].resources;
    const bool comes = event.kind == EventKind::kCreate;
    vcpu_milli = comes ? vcpu_milli + size.vcpu_milli : vcpu_milli - size.vcpu_milli;
    memory_mib = comes ? memory_mib + size.memory_mib : memory_mib - size.memory_mib;
    peak_vcpu_milli = std::max(peak_vcpu_milli, vcpu_milli);
    peak_memory_mib = std::max(peak_memory_mib, memory_mib);
  }
  const uint64_t nodes = std::max(peak_vcpu_milli / kNodeCapacity.vcpu_milli,
                                  peak_memory_mib / kNodeCapacity.memory_mib);
  return std::min<size_t>(nodes + nodes / 5 + 2, kMaxSampleNodes);
}

}  // namespace

Trace GenerateSample(const SampleOptions& options) {
  CHECK_GE(options.vms, 1u);
  CHECK_LE(options.vms, kMaxSampleVms);
  CHECK_GE(options.days, 1u);
  CHECK_LE(options.days, kMaxSampleDays);
  CHECK_LE(options.nodes, kMaxSampleNodes);
  SplitMix64 random(options.seed);
  Trace trace;
  trace.vms.reserve(options.vms);
  for (const uint32_t arrives : DrawArrivals(random, options)) {
    trace.vms.push_back(MakeVm(random, arrives, options.days * kSecondsPerDay));
    trace.vms.back().name = absl::StrFormat("vm-%06d", trace.vms.size());
  }
  const size_t nodes = options.nodes > 0 ? options.nodes : NodesForPeak(trace);
  trace.nodes = UniformNodes(nodes, kNodeCapacity);
  return trace;
}

}  // namespace blixard::scheduler::traces
