#include "scheduler/core/vm_config.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "memory_optimization/expect_allocations.h"

namespace blixard::scheduler {
namespace {

TEST(VmConfigTest, TheNextTenantSeesNothingOfTheLast) {
  VmConfig* last = nullptr;
  {
    memory::Pooled<VmConfig> config = AcquireVmConfig();
    last = config.get();
    config->name = "the last tenant's virtual machine";
    config->resources = {.vcpu_milli = 4000, .memory_mib = 1024, .disk_gib = 10};
  }
  const memory::Pooled<VmConfig> config = AcquireVmConfig();
  EXPECT_EQ(config.get(), last);
  EXPECT_TRUE(config->name.empty());
  EXPECT_EQ(config->resources, Resources{});
}

TEST(VmConfigTest, SteadyTrafficAllocatesNothing) {
  std::vector<memory::Pooled<VmConfig>> held(100);
  const auto wave = [&] {
    for (auto& config : held) {
      config = AcquireVmConfig();
      config->name.assign("vm-with-a-name-of-more-than-fifteen-bytes");
    }
    for (auto& config : held) config.Reset();
  };
  wave();
  wave();
  EXPECT_ALLOCATIONS(0, for (int i = 0; i < 100; ++i) wave());
}

TEST(VmConfigTest, BeyondTheBudgetTheGuardIsEmpty) {
  std::vector<memory::Pooled<VmConfig>> held(kVmConfigBudget.Total());
  for (auto& config : held) config = AcquireVmConfig();
  EXPECT_TRUE(held.back());
  EXPECT_FALSE(AcquireVmConfig());
  held.pop_back();
  EXPECT_TRUE(AcquireVmConfig());
}

}  // namespace
}  // namespace blixard::scheduler
