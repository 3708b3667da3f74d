#include "scheduler/core/placement.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

constexpr Resources kWant = {.vcpu_milli = 1000, .memory_mib = 1024, .disk_gib = 0};

NodeId PlacedOn(const Placement& placement) {
  const auto* decision = std::get_if<PlacementDecision>(&placement);
  return decision == nullptr ? kNoNode : decision->node;
}

TEST(PlaceBestFitTest, TakesTheNodeWithTheLeastLeft) {
  Inventory inventory;
  inventory.AddNode("large", {.vcpu_milli = 8000, .memory_mib = 8192, .disk_gib = 0});
  inventory.AddNode("small", {.vcpu_milli = 2000, .memory_mib = 2048, .disk_gib = 0});
  const Placement placement = PlaceBestFit(inventory, kWant);
  EXPECT_EQ(PlacedOn(placement), NodeId{2});
  EXPECT_FLOAT_EQ(std::get<PlacementDecision>(placement).remaining_share, 1.0f);
  EXPECT_EQ(std::get<PlacementDecision>(placement).registration, inventory.registration(NodeId{2}));
}

TEST(PlaceBestFitTest, OfEqualNodesTheLowestIdWins) {
  Inventory inventory;
  for (int i = 0; i < 200; ++i) {
    inventory.AddNode(absl::StrCat("n", i),
                      {.vcpu_milli = 4000, .memory_mib = 4096, .disk_gib = 0});
  }
  EXPECT_EQ(PlacedOn(PlaceBestFit(inventory, kWant)), NodeId{1});
  inventory.Reserve(NodeId{150}, kWant);
  inventory.Reserve(NodeId{151}, kWant);
  EXPECT_EQ(PlacedOn(PlaceBestFit(inventory, kWant)), NodeId{150});
}

TEST(PlaceBestFitTest, DiskCountsWhereANodeHasAny) {
  Inventory inventory;
  inventory.AddNode("disk", {.vcpu_milli = 4000, .memory_mib = 4096, .disk_gib = 10});
  inventory.AddNode("none", {.vcpu_milli = 4000, .memory_mib = 4096, .disk_gib = 0});
  EXPECT_EQ(PlacedOn(PlaceBestFit(inventory, kWant)), NodeId{2});
  Resources with_disk = kWant;
  with_disk.disk_gib = 1;
  EXPECT_EQ(PlacedOn(PlaceBestFit(inventory, with_disk)), NodeId{1});
}

TEST(PlaceBestFitTest, AnEmptyInventoryFitsNothing) {
  const Placement placement = PlaceBestFit(Inventory(), kWant);
  EXPECT_EQ(std::get<NoFit>(placement), NoFit{});
}

TEST(PlaceBestFitTest, EachNodeIsCountedOnceUnderTheFirstResourceItLacks) {
  Inventory inventory;
  inventory.AddNode("removed", {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0});
  inventory.AddNode("lacks-all", {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0});
  inventory.AddNode("lacks-vcpu", {.vcpu_milli = 999, .memory_mib = 4096, .disk_gib = 9});
  inventory.AddNode("lacks-memory", {.vcpu_milli = 4000, .memory_mib = 1023, .disk_gib = 0});
  inventory.AddNode("lacks-disk", {.vcpu_milli = 4000, .memory_mib = 4096, .disk_gib = 4});
  inventory.RemoveNode(NodeId{1});
  Resources want = kWant;
  want.disk_gib = 5;
  const NoFit reasons = {.nodes = 4, .lack_vcpu = 2, .lack_memory = 1, .lack_disk = 1};
  EXPECT_EQ(std::get<NoFit>(PlaceBestFit(inventory, want)), reasons);
}

TEST(PlaceBestFitDeathTest, AWantWithoutVcpuStopsTheProcess) {
  EXPECT_DEATH(PlaceBestFit(Inventory(), {.vcpu_milli = 0, .memory_mib = 1, .disk_gib = 0}),
               "vcpu_milli 0");
}

// The definition, node by node.
Placement PlaceNaively(const Inventory& inventory, const Resources& want) {
  PlacementDecision best = {.remaining_share = std::numeric_limits<float>::max()};
  NoFit no_fit;
  for (NodeId id = inventory.FirstNodeAtOrAfter(kNoNode); id != kNoNode;
       id = inventory.FirstNodeAtOrAfter(NodeId{static_cast<uint32_t>(id) + 1})) {
    const NodeView node = inventory.node(id);
    const Shortage shortage = inventory.CheckFit(id, want);
    ++no_fit.nodes;
    no_fit.lack_vcpu += shortage == Shortage::kVcpu;
    no_fit.lack_memory += shortage == Shortage::kMemory;
    no_fit.lack_disk += shortage == Shortage::kDisk;
    if (shortage != Shortage::kNone) continue;
    const Resources left = node.capacity - node.used - want;
    const auto share = [](uint32_t amount, uint32_t capacity) {
      return capacity == 0 ? 0.0f
                           : static_cast<float>(amount) * (1.0f / static_cast<float>(capacity));
    };
    const float sum = share(left.vcpu_milli, node.capacity.vcpu_milli) +
                      share(left.memory_mib, node.capacity.memory_mib) +
                      share(left.disk_gib, node.capacity.disk_gib);
    if (sum < best.remaining_share) {
      best = {.node = id, .registration = node.registration, .remaining_share = sum};
    }
  }
  if (best.node == kNoNode) return no_fit;
  return best;
}

Resources RandomResources(std::mt19937_64& random, uint32_t most) {
  return {.vcpu_milli = static_cast<uint32_t>(1 + random() % most),
          .memory_mib = static_cast<uint32_t>(1 + random() % (2 * most)),
          .disk_gib = static_cast<uint32_t>(random() % 3 == 0 ? 0 : random() % (most / 50 + 1))};
}

void ExpectSamePlacement(const Placement& placement, const Placement& naive) {
  ASSERT_EQ(placement.index(), naive.index());
  if (const auto* no_fit = std::get_if<NoFit>(&naive)) {
    ASSERT_EQ(std::get<NoFit>(placement), *no_fit);
    return;
  }
  ASSERT_EQ(PlacedOn(placement), PlacedOn(naive));
  ASSERT_EQ(std::get<PlacementDecision>(placement).remaining_share,
            std::get<PlacementDecision>(naive).remaining_share);
}

TEST(PlaceBestFitTest, EqualsTheDefinitionOnRandomInventories) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Inventory inventory;
    const size_t nodes = 1 + random() % 300;
    for (size_t i = 0; i < nodes; ++i) {
      // Few kinds of nodes, so that ties are frequent.
      std::mt19937_64 kind(random() % 6);
      inventory.AddNode(absl::StrCat("n", i), RandomResources(kind, 20000));
    }
    for (size_t i = 0; i < nodes / 4; ++i) {
      const NodeId id{static_cast<uint32_t>(1 + random() % nodes)};
      if (inventory.Contains(id)) inventory.RemoveNode(id);
    }
    for (int step = 0; step < 200; ++step) {
      const Resources want = RandomResources(random, 5000);
      const Placement placement = PlaceBestFit(inventory, want);
      ASSERT_NO_FATAL_FAILURE(ExpectSamePlacement(placement, PlaceNaively(inventory, want)));
      if (PlacedOn(placement) != kNoNode) inventory.Reserve(PlacedOn(placement), want);
    }
  }
}

}  // namespace
}  // namespace blixard::scheduler
