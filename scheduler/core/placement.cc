#include "scheduler/core/placement.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace blixard::scheduler {
namespace {

// Shares are never negative, and floats that are not negative order as their bits do: as integers
// the minimum is plain vector code. No share comes near the bits of this one.
constexpr int32_t kUnfit = std::numeric_limits<int32_t>::max();

using BlockOfShares = std::array<int32_t, Inventory::kRowBlock>;

FreeAmounts FreeAt(const NodeColumns& columns, size_t row) {
  return {.vcpu_milli = columns.free_vcpu_milli[row],
          .memory_mib = columns.free_memory_mib[row],
          .disk_gib = columns.free_disk_gib[row]};
}

// Bits of the share left on each node of the block, or kUnfit; returns the lowest. A constant
// number of rows without branches, so that the compiler turns it into vector code.
int32_t ScoreBlock(const NodeColumns& columns, size_t first_row, const Resources& want,
                   BlockOfShares& shares) {
  const int32_t* free_vcpu = columns.free_vcpu_milli.data() + first_row;
  const int32_t* free_memory = columns.free_memory_mib.data() + first_row;
  const int32_t* free_disk = columns.free_disk_gib.data() + first_row;
  const float* per_vcpu = columns.share_per_vcpu_milli.data() + first_row;
  const float* per_memory = columns.share_per_memory_mib.data() + first_row;
  const float* per_disk = columns.share_per_disk_gib.data() + first_row;
  const int32_t want_vcpu = static_cast<int32_t>(want.vcpu_milli);
  const int32_t want_memory = static_cast<int32_t>(want.memory_mib);
  const int32_t want_disk = static_cast<int32_t>(want.disk_gib);
  int32_t lowest = kUnfit;
  for (size_t i = 0; i < Inventory::kRowBlock; ++i) {
    const Shortage shortage = FindShortage({free_vcpu[i], free_memory[i], free_disk[i]}, want);
    const float share = static_cast<float>(free_vcpu[i] - want_vcpu) * per_vcpu[i] +
                        static_cast<float>(free_memory[i] - want_memory) * per_memory[i] +
                        static_cast<float>(free_disk[i] - want_disk) * per_disk[i];
    const int32_t unfit = -static_cast<int32_t>(shortage != Shortage::kNone);
    shares[i] = (std::bit_cast<int32_t>(share) & ~unfit) | (kUnfit & unfit);
    lowest = std::min(lowest, shares[i]);
  }
  return lowest;
}

NoFit CountReasons(const Inventory& inventory, const Resources& want) {
  const NodeColumns columns = inventory.columns();
  std::array<uint32_t, 4> lacking{};
  for (size_t row = 0; row < columns.free_vcpu_milli.size(); ++row) {
    ++lacking[static_cast<size_t>(FindShortage(FreeAt(columns, row), want))];
  }
  // Rows without a node have -1 of everything: they lack vCPU first.
  const size_t nodes = inventory.node_count();
  const size_t unused_rows = columns.free_vcpu_milli.size() - nodes;
  CHECK_EQ(lacking[static_cast<size_t>(Shortage::kNone)], 0u) << "a node has room for " << want;
  return {.nodes = static_cast<uint32_t>(nodes),
          .lack_vcpu =
              lacking[static_cast<size_t>(Shortage::kVcpu)] - static_cast<uint32_t>(unused_rows),
          .lack_memory = lacking[static_cast<size_t>(Shortage::kMemory)],
          .lack_disk = lacking[static_cast<size_t>(Shortage::kDisk)]};
}

}  // namespace

Placement PlaceBestFit(const Inventory& inventory, const Resources& want) {
  CHECK(IsValidResources(want)) << want;
  const NodeColumns columns = inventory.columns();
  BlockOfShares shares;
  int32_t best_share = kUnfit;
  size_t best_row = 0;
  for (size_t row = 0; row < columns.free_vcpu_milli.size(); row += Inventory::kRowBlock) {
    const int32_t lowest = ScoreBlock(columns, row, want, shares);
    if (lowest >= best_share) continue;
    best_share = lowest;
    best_row =
        row + static_cast<size_t>(std::find(shares.begin(), shares.end(), lowest) - shares.begin());
  }
  if (best_share == kUnfit) return CountReasons(inventory, want);
  const NodeId node{static_cast<uint32_t>(best_row) + 1};
  CHECK(inventory.CheckFit(node, want) == Shortage::kNone) << "node " << node << ": " << want;
  return PlacementDecision{.node = node,
                           .registration = inventory.registration(node),
                           .remaining_share = std::bit_cast<float>(best_share)};
}

}  // namespace blixard::scheduler
