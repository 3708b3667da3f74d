#include "tests/memory_optimization/registry_balance.h"

#include <gtest/gtest.h>

#include "memory_optimization/pool_registry.h"

namespace blixard::memory {
namespace {

class BalanceListener : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& /*test*/) override { before_ = CountLiveObjects(); }
  void OnTestEnd(const testing::TestInfo& /*test*/) override {
    const std::string imbalance = DescribeImbalance(before_, CountLiveObjects());
    if (!imbalance.empty()) ADD_FAILURE() << imbalance;
  }

  LiveObjects before_;
};

// gtest owns the listener.
[[maybe_unused]] const bool listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new BalanceListener);
  return true;
}();

}  // namespace

LiveObjects CountLiveObjects() {
  LiveObjects live;
  PoolRegistry::Global().ForEach([&](std::string_view name, const PoolStats& stats) {
    live[std::string(name)] += stats.live;
  });
  return live;
}

std::string DescribeImbalance(const LiveObjects& before, const LiveObjects& after) {
  std::string lines;
  for (const auto& [name, count] : after) {
    const auto found = before.find(name);
    const uint64_t had = found == before.end() ? 0 : found->second;
    if (count <= had) continue;
    lines += "pool \"" + name + "\": " + std::to_string(had) + " objects out before the test, " +
             std::to_string(count) + " after it\n";
  }
  return lines;
}

}  // namespace blixard::memory
