#include "memory_optimization/pool_budget.h"

#include <gtest/gtest.h>

namespace blixard::memory {
namespace {

constexpr PoolLimit kLimits[] = {{.holder = "queue", .objects = 100},
                                 {.holder = "in flight", .objects = 20},
                                 {.holder = "batches", .objects = 3}};
constexpr PoolBudget kBudget{.pool = "proposals", .limits = kLimits};
static_assert(kBudget.Total() == 123);

TEST(PoolBudgetTest, ThePoolIsAsLargeAsTheSumOfItsLimits) {
  EXPECT_EQ(kBudget.Configure({.min_size = 5}).max_size, 123u);
  EXPECT_EQ(kBudget.Configure({.min_size = 5}).min_size, 5u);
}

TEST(PoolBudgetTest, TheTableNamesEveryLimit) {
  EXPECT_EQ(PrintPoolBudgets(std::span(&kBudget, 1)),
            "proposals\n"
            "       100  queue\n"
            "        20  in flight\n"
            "         3  batches\n"
            "       123  in all\n");
}

TEST(PoolBudgetTest, ASumThatDoesNotFitSaturates) {
  const PoolLimit limits[] = {{.holder = "all", .objects = ~size_t{0}},
                              {.holder = "and some", .objects = 10}};
  EXPECT_EQ((PoolBudget{.pool = "huge", .limits = limits}.Total()), ~size_t{0});
}

TEST(PoolBudgetDeathTest, LimitsAreDeclaredAndHoldTheMinimum) {
  EXPECT_DEATH(PoolBudget{.pool = "none"}.Configure(), "pool budget \"none\": no limits");
  EXPECT_DEATH(kBudget.Configure({.min_size = 124}), "pool budget \"proposals\": min_size");
}

}  // namespace
}  // namespace blixard::memory
