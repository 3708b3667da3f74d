#include "tests/simulation/fault_schedule.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

struct KindRow {
  absl::string_view name;
  uint32_t weight;       // how often, against the others
  VirtualTime longest;   // duration, from a tenth of it on
  uint64_t least, most;  // amount
};

constexpr std::array<KindRow, kFaultKinds> kRows = {{
    {"crash", 8, 6 * kSecond, 0, 0},
    {"crash_in_write", 8, 4 * kSecond, 1, 12},
    {"process_end", 4, 2 * kSecond, 0, 0},
    {"pause", 5, 5 * kSecond, 0, 1},
    {"partition", 8, 8 * kSecond, 0, 0},
    {"one_way", 5, 6 * kSecond, 0, 0},
    {"cut_link", 5, 8 * kSecond, 0, 0},
    {"slow_link", 3, 6 * kSecond, 20, 1500},
    {"drop_messages", 5, 5 * kSecond, 10, 400},
    {"duplicate", 4, 6 * kSecond, 50, 500},
    {"reorder", 4, 6 * kSecond, 5, 600},
    {"clock_drift", 4, 8 * kSecond, 400, 2500},
    {"clock_jump", 3, 0, 3, 40},
    {"slow_disk", 4, 5 * kSecond, 20, 2500},
    {"fail_sync", 2, 4 * kSecond, 1, 8},
    {"fail_write", 1, 4 * kSecond, 1, 8},
    {"disk_full", 8, 12 * kSecond, 0, 2 * kDiskFullFrom},
    {"harm_disk", 6, 3 * kSecond, 0, UINT32_MAX},
    {"lose_disk", 4, 0, 0, 0},
    {"campaign", 5, 0, 0, 0},
    {"change_members", 8, 0, 0, UINT32_MAX},
    {"transfer_leader", 4, 0, 0, 0},
    {"forget_leader", 2, 0, 0, 0},
}};

// What clocks are allowed to do where leases depend on them.
constexpr KindRow kGoodClock = {"clock_drift", 4, 8 * kSecond, 930, 1070};

const KindRow& RowOf(FaultKind kind, const FaultScheduleOptions& options) {
  if (options.good_clocks && kind == FaultKind::kClockDrift) return kGoodClock;
  return kRows[static_cast<size_t>(kind)];
}

FaultKind DrawKind(SplitMix& random, const std::array<uint32_t, kFaultKinds>& weights) {
  uint64_t sum = 0;
  for (uint32_t weight : weights) sum += weight;
  uint64_t at = random.Below(sum);
  for (size_t i = 0; i < kFaultKinds; ++i) {
    if (at < weights[i]) return static_cast<FaultKind>(i);
    at -= weights[i];
  }
  return FaultKind::kCrash;
}

// Each run favours some kinds and leaves others out, so that runs differ from each other more than
// draws from one mixture would.
std::array<uint32_t, kFaultKinds> DrawWeights(SplitMix& random, bool good_clocks) {
  std::array<uint32_t, kFaultKinds> weights;
  uint32_t sum = 0;
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const uint64_t swarm = random.Below(4);
    weights[i] = swarm == 0 ? 0 : kRows[i].weight * (swarm == 3 ? 4 : 1);
    const auto kind = static_cast<FaultKind>(i);
    if (good_clocks && kind == FaultKind::kClockJump) weights[i] = 0;
    sum += weights[i];
  }
  if (sum == 0) weights[0] = 1;
  return weights;
}

}  // namespace

absl::string_view FaultName(FaultKind kind) { return kRows[static_cast<size_t>(kind)].name; }

std::string ToString(const Fault& fault) {
  return absl::StrFormat("%.3fs %s a=%u b=%u amount=%u for %.3fs",
                         static_cast<double>(fault.time) / kSecond, FaultName(fault.kind), fault.a,
                         fault.b, fault.amount, static_cast<double>(fault.duration) / kSecond);
}

std::vector<Fault> DrawFaults(const FaultScheduleOptions& options) {
  SplitMix random(options.seed ^ 0x6661756c74);
  const std::array<uint32_t, kFaultKinds> weights = DrawWeights(random, options.good_clocks);
  const VirtualTime mean_gap = (150 + static_cast<VirtualTime>(random.Below(2000))) * kMillisecond;
  std::vector<Fault> faults;
  VirtualTime now = kSecond / 2;
  while (true) {
    now += static_cast<VirtualTime>(random.Below(static_cast<uint64_t>(2 * mean_gap)));
    if (now >= options.until) return faults;
    Fault fault{.time = now, .kind = DrawKind(random, weights)};
    const KindRow& row = RowOf(fault.kind, options);
    fault.a = static_cast<uint32_t>(random.Below(options.replicas));
    fault.b = static_cast<uint32_t>(
        (fault.a + 1 + random.Below(std::max<uint32_t>(options.replicas, 2) - 1)) %
        options.replicas);
    fault.amount = fault.kind == FaultKind::kPartition
                       ? random.Below(uint64_t{1} << (options.replicas + options.clients))
                       : row.least + random.Below(row.most - row.least + 1);
    if (row.longest > 0) {
      fault.duration = row.longest / 10 +
                       static_cast<VirtualTime>(random.Below(static_cast<uint64_t>(row.longest)));
    }
    faults.push_back(fault);
  }
}

}  // namespace blixard::raft
