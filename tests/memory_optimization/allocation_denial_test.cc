#include "memory_optimization/allocation_denial.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <thread>

namespace blixard::memory {
namespace {

using OnAllocation = DenyAllocations::OnAllocation;

void* volatile seen;

[[gnu::noinline]] void HiddenAllocation() {
  seen = ::operator new(24);
  ::operator delete(seen);
}

[[gnu::noinline]] void HotPath() {
  HiddenAllocation();
  seen = nullptr;  // no tail call: the frame is wanted
}

TEST(DenyAllocationsDeathTest, AnAllocationEndsTheProcessAndNamesItsCallSite) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const DenyAllocations deny("hot_path");
        HotPath();
      },
      "allocation of 24 bytes denied in \"hot_path\" at\n.*HiddenAllocation.*\n.*HotPath");
}

TEST(DenyAllocationsDeathTest, CMallocIsDeniedToo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const DenyAllocations deny("hot_path");
        seen = malloc(7);
      },
      "allocation of 7 bytes denied in \"hot_path\"");
}

TEST(DenyAllocationsTest, WithoutAllocationsNothingHappens) {
  const auto before = std::make_unique<int>(1);
  auto older = std::make_unique<int>(2);
  const DenyAllocations deny("hot_path");
  *before += 1;
  older.reset();  // freeing is allowed
}

TEST(DenyAllocationsTest, ReportsCountAndFirstCallSite) {
  DenyAllocations deny("hot_path", OnAllocation::kReport);
  EXPECT_EQ(deny.FirstCallSite(), "");
  HotPath();
  seen = malloc(1);
  free(seen);
  EXPECT_EQ(deny.denied(), 2u);
  const std::string site = deny.FirstCallSite();
  EXPECT_EQ(deny.denied(), 2u) << "asking must not count";
  EXPECT_NE(site.substr(0, site.find('\n')).find("HiddenAllocation"), std::string::npos) << site;
  EXPECT_NE(site.find("HotPath"), std::string::npos) << site;
}

TEST(DenyAllocationsTest, OtherThreadsMayAllocate) {
  std::thread other([] {
    for (int i = 0; i < 1000; ++i) HiddenAllocation();
  });
  {
    DenyAllocations deny("mine", OnAllocation::kReport);
    seen = nullptr;
    EXPECT_EQ(deny.denied(), 0u);
  }
  other.join();
}

TEST(DenyAllocationsTest, ScopesNestAndBothCount) {
  DenyAllocations outer("outer", OnAllocation::kReport);
  {
    DenyAllocations inner("inner", OnAllocation::kReport);
    HiddenAllocation();
    EXPECT_EQ(inner.denied(), 1u);
  }
  HiddenAllocation();
  EXPECT_EQ(outer.denied(), 2u);
}

TEST(DenyAllocationsTest, AnExemptionSuspendsTheDenial) {
  DenyAllocations deny("hot_path", OnAllocation::kReport);
  {
    const DenyAllocations::Exemption log_line;
    HiddenAllocation();
  }
  EXPECT_EQ(deny.denied(), 0u);
  HiddenAllocation();
  EXPECT_EQ(deny.denied(), 1u);
}

TEST(DenyAllocationsTest, EndsWithItsScope) {
  { const DenyAllocations deny("hot_path"); }
  HiddenAllocation();
}

}  // namespace
}  // namespace blixard::memory
