#include "scheduler/core/shortage.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/string_view.h"

namespace blixard::scheduler {
namespace {

constexpr Resources kWant = {.vcpu_milli = 10, .memory_mib = 20, .disk_gib = 30};

TEST(ShortageTest, IsTheFirstResourceThatLacks) {
  struct Case {
    absl::string_view name;
    FreeAmounts free;
    Shortage shortage;
  };
  for (const Case& c :
       std::vector<Case>{{"exactly enough", {10, 20, 30}, Shortage::kNone},
                         {"plenty", {0x7fffffff, 0x7fffffff, 0x7fffffff}, Shortage::kNone},
                         {"vCPU", {9, 20, 30}, Shortage::kVcpu},
                         {"memory", {10, 19, 30}, Shortage::kMemory},
                         {"disk", {10, 20, 29}, Shortage::kDisk},
                         {"vCPU before all others", {9, 19, 29}, Shortage::kVcpu},
                         {"vCPU before disk", {9, 20, 29}, Shortage::kVcpu},
                         {"memory before disk", {10, 19, 29}, Shortage::kMemory},
                         {"a row without a node", {-1, -1, -1}, Shortage::kVcpu}}) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(FindShortage(c.free, kWant), c.shortage);
  }
}

TEST(ShortageTest, ARowWithoutANodeFitsNothing) {
  EXPECT_EQ(FindShortage({-1, -1, -1}, Resources{}), Shortage::kVcpu);
  EXPECT_EQ(FindShortage({0, 0, 0}, Resources{}), Shortage::kNone);
}

TEST(ShortageTest, TheLargestWantDoesNotWrapAround) {
  const Resources most = {
      .vcpu_milli = kMaxAmount, .memory_mib = kMaxAmount, .disk_gib = kMaxAmount};
  EXPECT_EQ(FindShortage({0x7ffffffe, 0x7fffffff, 0x7fffffff}, most), Shortage::kVcpu);
  EXPECT_EQ(FindShortage({0x7fffffff, 0x7fffffff, 0x7fffffff}, most), Shortage::kNone);
}

}  // namespace
}  // namespace blixard::scheduler
