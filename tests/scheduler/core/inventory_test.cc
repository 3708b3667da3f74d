#include "scheduler/core/inventory.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

constexpr Resources kCapacity = {.vcpu_milli = 8000, .memory_mib = 16384, .disk_gib = 100};
constexpr Resources kSmall = {.vcpu_milli = 1000, .memory_mib = 2048, .disk_gib = 10};

TEST(InventoryTest, IdsAreDenseFromOneAndTheLowestIsUsedAgain) {
  Inventory inventory;
  EXPECT_EQ(inventory.AddNode("a", kCapacity), NodeId{1});
  EXPECT_EQ(inventory.AddNode("b", kCapacity), NodeId{2});
  EXPECT_EQ(inventory.AddNode("c", kCapacity), NodeId{3});
  inventory.RemoveNode(NodeId{1});
  inventory.RemoveNode(NodeId{2});
  EXPECT_EQ(inventory.next_node_id(), NodeId{1});
  EXPECT_EQ(inventory.AddNode("d", kCapacity), NodeId{1});
  EXPECT_EQ(inventory.node_count(), 2u);
}

TEST(InventoryTest, ARegistrationIsNeverUsedAgain) {
  Inventory inventory;
  const NodeId first = inventory.AddNode("a", kCapacity);
  const RegistrationId registration = inventory.registration(first);
  inventory.RemoveNode(first);
  ASSERT_EQ(inventory.AddNode("a", kCapacity), first);
  EXPECT_NE(inventory.registration(first), registration);
}

TEST(InventoryTest, FindsNodesByNameWhileTheyAreThere) {
  Inventory inventory;
  const NodeId a = inventory.AddNode("a", kCapacity);
  EXPECT_EQ(inventory.Find("a"), a);
  EXPECT_EQ(inventory.Find("b"), kNoNode);
  inventory.RemoveNode(a);
  EXPECT_EQ(inventory.Find("a"), kNoNode);
  EXPECT_FALSE(inventory.Contains(a));
  EXPECT_FALSE(inventory.Contains(kNoNode));
}

TEST(InventoryTest, ReserveTakesAndReleaseGivesBack) {
  Inventory inventory;
  const NodeId a = inventory.AddNode("a", kCapacity);
  inventory.Reserve(a, kSmall);
  EXPECT_EQ(inventory.node(a).used, kSmall);
  EXPECT_EQ(inventory.node(a).vm_count, 1u);
  inventory.Release(a, kSmall);
  EXPECT_EQ(inventory.node(a).used, Resources{});
  EXPECT_EQ(inventory.node(a).vm_count, 0u);
  EXPECT_EQ(inventory.node(a).capacity, kCapacity);
  EXPECT_EQ(inventory.node(a).name, "a");
}

TEST(InventoryTest, CheckFitNamesWhatLacks) {
  Inventory inventory;
  const NodeId a = inventory.AddNode("a", kCapacity);
  EXPECT_EQ(inventory.CheckFit(a, kCapacity), Shortage::kNone);
  inventory.Reserve(a, {.vcpu_milli = 1000, .memory_mib = 1, .disk_gib = 0});
  EXPECT_EQ(inventory.CheckFit(a, kCapacity), Shortage::kVcpu);
  EXPECT_EQ(inventory.CheckFit(a, {.vcpu_milli = 7000, .memory_mib = 16384, .disk_gib = 0}),
            Shortage::kMemory);
  EXPECT_EQ(inventory.CheckFit(a, {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 101}),
            Shortage::kDisk);
  EXPECT_EQ(inventory.CheckFit(NodeId{2}, kSmall), Shortage::kNoSuchNode);
  EXPECT_EQ(inventory.CheckFit(kNoNode, kSmall), Shortage::kNoSuchNode);
}

TEST(InventoryDeathTest, MisuseStopsTheProcess) {
  Inventory inventory;
  const NodeId a = inventory.AddNode("a", kCapacity);
  EXPECT_DEATH(inventory.AddNode("a", kCapacity), "node a is registered");
  EXPECT_DEATH(inventory.AddNode("", kCapacity), "node name of 0 bytes");
  EXPECT_DEATH(inventory.AddNode("b", Resources{}), "vcpu_milli 0");
  EXPECT_DEATH(inventory.RemoveNode(NodeId{2}), "node 2 is not registered");
  EXPECT_DEATH(inventory.Reserve(NodeId{2}, kSmall), "node 2 has no room");
  EXPECT_DEATH(inventory.Release(a, kSmall), "node 1 has no VM");
  inventory.Reserve(a, kCapacity);
  EXPECT_DEATH(inventory.Reserve(a, kSmall), "node 1 has no room");
  EXPECT_DEATH(inventory.RemoveNode(a), "node 1 is not empty");
  inventory.Release(a, kCapacity - kSmall);
  EXPECT_DEATH(inventory.Release(a, kCapacity), "node 1");
}

TEST(InventoryTest, WalksTheNodesInOrderOfTheirIds) {
  Inventory inventory;
  for (int i = 0; i < 5; ++i) inventory.AddNode(absl::StrCat("n", i), kCapacity);
  inventory.RemoveNode(NodeId{2});
  inventory.RemoveNode(NodeId{5});
  EXPECT_EQ(inventory.FirstNodeAtOrAfter(kNoNode), NodeId{1});
  EXPECT_EQ(inventory.FirstNodeAtOrAfter(NodeId{2}), NodeId{3});
  EXPECT_EQ(inventory.FirstNodeAtOrAfter(NodeId{5}), kNoNode);
}

TEST(InventoryTest, RowsWithoutANodeOfferNothing) {
  Inventory inventory;
  inventory.AddNode("a", kCapacity);
  inventory.AddNode("b", kCapacity);
  inventory.RemoveNode(NodeId{1});
  const NodeColumns columns = inventory.columns();
  ASSERT_EQ(columns.free_vcpu_milli.size() % Inventory::kRowBlock, 0u);
  for (size_t row = 0; row < columns.free_vcpu_milli.size(); ++row) {
    EXPECT_EQ(columns.free_vcpu_milli[row], row == 1 ? 8000 : -1) << "row " << row;
    EXPECT_EQ(columns.free_disk_gib[row], row == 1 ? 100 : -1) << "row " << row;
  }
}

TEST(InventoryTest, ACopyIsEqualUntilOneOfThemChanges) {
  Inventory inventory;
  const NodeId a = inventory.AddNode("a", kCapacity);
  Inventory copy = inventory;
  EXPECT_TRUE(copy == inventory);
  copy.Reserve(a, kSmall);
  EXPECT_FALSE(copy == inventory);
  copy.Release(a, kSmall);
  EXPECT_TRUE(copy == inventory);
  copy.RemoveNode(a);
  copy.AddNode("a", kCapacity);
  EXPECT_FALSE(copy == inventory) << "another registration";
  EXPECT_EQ(inventory.Find("a"), a);
}

TEST(InventoryTest, NeverOvercommitsUnderRandomChurn) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Inventory inventory;
    for (int i = 0; i < 10; ++i) inventory.AddNode(absl::StrCat("n", i), kCapacity);
    std::multimap<uint32_t, Resources> held;
    for (int step = 0; step < 2000; ++step) {
      const uint32_t id = static_cast<uint32_t>(1 + random() % 10);
      const Resources want = {.vcpu_milli = static_cast<uint32_t>(1 + random() % 3000),
                              .memory_mib = static_cast<uint32_t>(1 + random() % 8000),
                              .disk_gib = static_cast<uint32_t>(random() % 40)};
      if (inventory.CheckFit(NodeId{id}, want) == Shortage::kNone) {
        inventory.Reserve(NodeId{id}, want);
        held.emplace(id, want);
      } else if (const auto at = held.find(id); at != held.end()) {
        inventory.Release(NodeId{id}, at->second);
        held.erase(at);
      }
      Resources sum;
      const auto [first, last] = held.equal_range(id);
      for (auto at = first; at != last; ++at) sum = sum + at->second;
      ASSERT_EQ(inventory.node(NodeId{id}).used, sum);
      ASSERT_EQ(inventory.node(NodeId{id}).vm_count, held.count(id));
    }
  }
}

TEST(InventoryTest, ARestoredInventoryGoesOnAsTheOriginal) {
  const Resources capacity = {.vcpu_milli = 1000, .memory_mib = 1000, .disk_gib = 10};
  Inventory original;
  for (const char* name : {"a", "b", "c"}) original.AddNode(name, capacity);
  original.RemoveNode(NodeId{2});
  Inventory restored;
  restored.RestoreLastRegistration(original.last_registration());
  for (const uint32_t id : {3, 1}) restored.RestoreNode(original.node(NodeId{id}));
  EXPECT_TRUE(restored == original);
  EXPECT_EQ(restored.AddNode("d", capacity), original.AddNode("d", capacity));
  EXPECT_TRUE(restored == original);
}

TEST(InventoryDeathTest, RestoringWhatCannotBeStopsTheProcess) {
  Inventory inventory;
  const NodeId a = inventory.AddNode("a", {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0});
  NodeView twin = inventory.node(a);
  EXPECT_DEATH(inventory.RestoreNode(twin), "slot 0 is taken");
  twin.id = NodeId{2};
  EXPECT_DEATH(inventory.RestoreNode(twin), "node a is registered");
  twin.id = kNoNode;
  EXPECT_DEATH(inventory.RestoreNode(twin), "node 0");
  EXPECT_DEATH(inventory.RestoreLastRegistration(kNoRegistration), "later registration");
}

}  // namespace
}  // namespace blixard::scheduler
