#include "scheduler/core/vm_status.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "memory_optimization/interned_string.h"
#include "memory_optimization/string_pool.h"

namespace blixard::scheduler {
namespace {

const std::string running_before_main(vm_status::kRunning.view());

TEST(VmStatusTest, AreDistinctTextsValidBeforeMain) {
  EXPECT_EQ(running_before_main, "running");
  std::set<std::string> texts;
  for (const memory::InternedString status : vm_status::kAll) texts.emplace(status.view());
  EXPECT_EQ(texts.size(), vm_status::kAll.size());
}

TEST(VmStatusTest, AreWhatAPoolThatKnowsThemAnswers) {
  memory::StringPool pool;
  ASSERT_TRUE(pool.Adopt(vm_status::kAll).ok());
  EXPECT_EQ(pool.Intern("running").value(), vm_status::kRunning);
  EXPECT_NE(pool.Intern("stopped").value(), vm_status::kRunning);
  EXPECT_EQ(pool.Find("failed"), vm_status::kFailed);
  EXPECT_FALSE(pool.Find("paused").has_value());
}

}  // namespace
}  // namespace blixard::scheduler
