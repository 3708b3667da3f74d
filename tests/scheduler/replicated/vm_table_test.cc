#include "scheduler/replicated/vm_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

VmPlacement PlacementOf(uint64_t id) {
  return {.id = VmId{id},
          .node = NodeId{1},
          .resources = {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0}};
}

TEST(VmTableTest, FindsVmsByNameWhileTheyAreThere) {
  VmTable vms;
  const uint32_t slot = vms.Insert("a", PlacementOf(1));
  EXPECT_EQ(vms.Find("a"), slot);
  EXPECT_EQ(vms.at(slot).placement, PlacementOf(1));
  EXPECT_EQ(vms.at(slot).name.view(), "a");
  EXPECT_EQ(vms.Find("b"), VmTable::kNoSlot);
  vms.Erase(slot);
  EXPECT_EQ(vms.Find("a"), VmTable::kNoSlot);
  EXPECT_EQ(vms.size(), 0u);
}

TEST(VmTableTest, AVmKeepsItsSlotAndTheLowestIsUsedAgain) {
  VmTable vms;
  vms.Insert("a", PlacementOf(1));
  const uint32_t b = vms.Insert("b", PlacementOf(2));
  vms.Erase(vms.Find("a"));
  EXPECT_EQ(vms.Insert("c", PlacementOf(3)), 0u);
  EXPECT_EQ(vms.Find("b"), b);
  EXPECT_EQ(vms.NextTaken(0), 0u);
  EXPECT_EQ(vms.NextTaken(1), b);
  EXPECT_EQ(vms.NextTaken(2), VmTable::kNoSlot);
}

TEST(VmTableDeathTest, MisuseStopsTheProcess) {
  VmTable vms;
  vms.Insert("a", PlacementOf(1));
  EXPECT_DEATH(vms.Insert("a", PlacementOf(2)), "VM a exists");
  EXPECT_DEATH(vms.Erase(1), "slot 1 is free");
  EXPECT_DEATH(vms.at(70000), "slot 70000 is free");
}

TEST(VmTableTest, AgreesWithAMapUnderRandomChurn) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    VmTable vms;
    if (seed % 2 == 0) vms.Reserve(3000);
    std::map<std::string, uint64_t> present;
    for (uint64_t step = 1; step < 20000; ++step) {
      const std::string name = absl::StrCat("vm-", random() % 3000);
      const uint32_t slot = vms.Find(name);
      ASSERT_EQ(slot != VmTable::kNoSlot, present.contains(name));
      if (slot != VmTable::kNoSlot) {
        ASSERT_EQ(vms.at(slot).placement, PlacementOf(present[name]));
        vms.Erase(slot);
        present.erase(name);
      } else {
        vms.Insert(name, PlacementOf(step));
        present[name] = step;
      }
    }
    EXPECT_EQ(vms.size(), present.size());
  }
}

}  // namespace
}  // namespace blixard::scheduler
