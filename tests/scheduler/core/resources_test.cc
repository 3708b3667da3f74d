#include "scheduler/core/resources.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "absl/strings/string_view.h"

namespace blixard::scheduler {
namespace {

TEST(ResourcesTest, SumsAndDifferencesGoByDimension) {
  const Resources large = {.vcpu_milli = 4000, .memory_mib = 8192, .disk_gib = 100};
  const Resources small = {.vcpu_milli = 500, .memory_mib = 1024, .disk_gib = 0};
  const Resources sum = {.vcpu_milli = 4500, .memory_mib = 9216, .disk_gib = 100};
  EXPECT_EQ(large + small, sum);
  EXPECT_EQ(sum - small, large);
}

TEST(ResourcesDeathTest, ADifferenceBelowZeroStopsTheProcess) {
  const Resources one = {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0};
  const Resources disk = {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 1};
  EXPECT_DEATH(one - disk, "disk_gib");
}

TEST(ResourcesDeathTest, ASumBeyondTheLargestAmountStopsTheProcess) {
  const Resources most = {.vcpu_milli = 1, .memory_mib = kMaxAmount, .disk_gib = 0};
  const Resources one = {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0};
  EXPECT_DEATH(most + one, "memory_mib");
}

TEST(ResourcesTest, ValidityIsToldWithFieldExpectationAndValue) {
  struct Case {
    absl::string_view name;
    Resources resources;
    absl::string_view error;  // empty = valid
  };
  for (const Case& c : std::vector<Case>{
           {"least", {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0}, ""},
           {"no vCPU",
            {.vcpu_milli = 0, .memory_mib = 1, .disk_gib = 1},
            "capacity.vcpu_milli: want 1 to 2147483647, got 0"},
           {"no memory",
            {.vcpu_milli = 1, .memory_mib = 0, .disk_gib = 1},
            "capacity.memory_mib: want 1 to 2147483647, got 0"},
           {"most",
            {.vcpu_milli = kMaxAmount, .memory_mib = kMaxAmount, .disk_gib = kMaxAmount},
            ""},
           {"more than most",
            {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = kMaxAmount + 1},
            "capacity.disk_gib: want 0 to 2147483647, got 2147483648"}}) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(ValidateResources("capacity", c.resources).message(), c.error);
    EXPECT_EQ(IsValidResources(c.resources), c.error.empty());
  }
}

TEST(ResourcesTest, PrintsEveryDimension) {
  std::ostringstream out;
  out << Resources{.vcpu_milli = 1, .memory_mib = 2, .disk_gib = 3};
  EXPECT_EQ(out.str(), "{vcpu_milli 1, memory_mib 2, disk_gib 3}");
}

}  // namespace
}  // namespace blixard::scheduler
