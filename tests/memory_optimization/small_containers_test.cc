// SmallVec, ArrayVec and StableList: what we rely on in the libraries behind them.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "memory_optimization/array_vec.h"
#include "memory_optimization/expect_allocations.h"
#include "memory_optimization/small_vec.h"
#include "memory_optimization/stable_list.h"

namespace blixard::memory {
namespace {

TEST(SmallVecTest, AllocatesOnlyBeyondItsInlinePlaces) {
  SmallVec<int, 4> numbers;
  EXPECT_ALLOCATIONS(0, { numbers.assign({1, 2, 3, 4}); });
  EXPECT_ALLOCATIONS(1, { numbers.push_back(5); });
  EXPECT_EQ(numbers.size(), 5u);
}

TEST(ArrayVecTest, NeverAllocatesAndRefusesWhatDoesNotFit) {
  EXPECT_ALLOCATIONS(0, {
    ArrayVec<int, 3> numbers;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(*numbers.TryPush(i), i);
    EXPECT_TRUE(numbers.full());
    EXPECT_EQ(numbers.TryPush(3), nullptr);
    EXPECT_EQ(numbers.size(), 3u);
    numbers.pop_back();
    EXPECT_NE(numbers.TryPush(4), nullptr);
    EXPECT_EQ(numbers.back(), 4);
  });
}

TEST(ArrayVecTest, RefusedArgumentIsNotMovedFrom) {
  ArrayVec<std::unique_ptr<int>, 1> owners;
  ASSERT_NE(owners.TryPush(std::make_unique<int>(1)), nullptr);
  auto second = std::make_unique<int>(2);
  EXPECT_EQ(owners.TryPush(std::move(second)), nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*second, 2);
}

TEST(ArrayVecTest, OtherMembersAnswerOverflowWithBadAlloc) {
  ArrayVec<int, 1> numbers = {1};
  EXPECT_THROW(numbers.push_back(2), std::bad_alloc);
  EXPECT_THROW(numbers.resize(2), std::bad_alloc);
  EXPECT_EQ(numbers, (ArrayVec<int, 1>{1}));
}

TEST(ArrayVecTest, DestroysItsElements) {
  const auto shared = std::make_shared<int>(7);
  {
    ArrayVec<std::shared_ptr<int>, 4> owners;
    owners.TryPush(shared);
    owners.TryPush(shared);
    EXPECT_EQ(shared.use_count(), 3);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(StableListTest, ElementsStayWhileBothEndsGrowAndShrink) {
  StableList<std::string> list = {"middle"};
  const std::string* const middle = &list.front();
  for (int i = 0; i < 10'000; ++i) {
    list.push_back(std::to_string(i));
    list.push_front(std::to_string(-i));
  }
  EXPECT_EQ(&list[10'000], middle);
  for (int i = 0; i < 9'000; ++i) {
    list.pop_back();
    list.pop_front();
  }
  EXPECT_EQ(*middle, "middle");
  EXPECT_EQ(&list[1'000], middle);
}

}  // namespace
}  // namespace blixard::memory
