#include "scheduler/traces/uniform_nodes.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/core/names.h"

namespace blixard::scheduler::traces {
namespace {

using testing::HasSubstr;

TEST(UniformNodesTest, ParsesCountCpuAndMemory) {
  const auto nodes = ParseUniformNodes("1460:48:768");
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  ASSERT_EQ(nodes->size(), 1'460u);
  EXPECT_EQ(nodes->front().name, "node-00001");
  EXPECT_EQ(nodes->back().name, "node-01460");
  for (const NodeSpec& node : *nodes) {
    EXPECT_EQ(node.capacity, (Resources{.vcpu_milli = 48'000, .memory_mib = 786'432}));
  }
}

TEST(UniformNodesTest, NamesSortLikeNumbersForAnyCount) {
  const std::vector<NodeSpec> nodes = UniformNodes(100'001, {.vcpu_milli = 1, .memory_mib = 1});
  EXPECT_EQ(nodes.front().name, "node-000001");
  EXPECT_EQ(nodes.back().name, "node-100001");
  for (size_t i = 1; i < nodes.size(); ++i) ASSERT_LT(nodes[i - 1].name, nodes[i].name);
  EXPECT_TRUE(IsValidName(nodes.back().name));
}

TEST(UniformNodesTest, TakesTheBoundsAndNothingBeyond) {
  EXPECT_TRUE(ParseUniformNodes("1:2147483:2097151").ok());
  EXPECT_TRUE(ParseUniformNodes("1000000:1:1").ok());
  struct Case {
    const char* text;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{
           {"", "want N:VCPU:MEMORY_GIB"},
           {"1460", "want N:VCPU:MEMORY_GIB"},
           {"1:2:3:4", "want N:VCPU:MEMORY_GIB"},
           {"0:48:768", "nodes: N: want a whole number from 1 to 1000000, got \"0\""},
           {"1000001:48:768", "nodes: N: want a whole number from 1 to 1000000, got \"1000001\""},
           {"2::768", "nodes: VCPU: want a whole number from 1 to 2147483, got \"\""},
           {"2:-4:768", "nodes: VCPU: want a whole number from 1 to 2147483, got \"-4\""},
           {"2:2147484:768", "got \"2147484\""},
           {"2:48:1.5", "nodes: MEMORY_GIB: want a whole number from 1 to 2097151, got \"1.5\""},
           {"2:48:2097152", "got \"2097152\""}}) {
    SCOPED_TRACE(c.text);
    const auto nodes = ParseUniformNodes(c.text);
    EXPECT_EQ(nodes.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(nodes.status().message()), HasSubstr(c.want));
  }
}

}  // namespace
}  // namespace blixard::scheduler::traces
