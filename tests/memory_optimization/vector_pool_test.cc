#include "memory_optimization/vector_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "memory_optimization/expect_allocations.h"

namespace blixard::memory {
namespace {

TEST(VectorPoolTest, AVectorComesBackEmptyWithItsRoom) {
  VectorPool<int> pool("numbers", {.max_size = 4});
  const int* data = nullptr;
  {
    const PooledVector<int> numbers = pool.Acquire();
    numbers->assign(100, 7);
    data = numbers->data();
  }
  const PooledVector<int> again = pool.Acquire();
  EXPECT_TRUE(again->empty());
  EXPECT_GE(again->capacity(), 100u);
  EXPECT_EQ(again->data(), data);
}

TEST(VectorPoolTest, RoomAboveTheCapInBytesIsGivenUp) {
  VectorPool<uint64_t, 800> pool("capped", {.max_size = 4});
  for (const size_t size : {100u, 101u}) {
    SCOPED_TRACE(size);
    {
      const PooledVector<uint64_t, 800> list = pool.Acquire();
      list->shrink_to_fit();
      list->reserve(size);
    }
    EXPECT_EQ(pool.Acquire()->capacity(), size == 100 ? 100u : 0u);
  }
}

TEST(VectorPoolTest, ElementsAreDestroyedOnReturn) {
  VectorPool<std::shared_ptr<int>> pool("shared", {.max_size = 1});
  const auto shared = std::make_shared<int>(1);
  {
    const PooledVector<std::shared_ptr<int>> list = pool.Acquire();
    list->assign(10, shared);
    EXPECT_EQ(shared.use_count(), 11);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(VectorPoolTest, SteadyUseAllocatesNothing) {
  VectorPool<int> vectors("steady_vectors", {.max_size = 4});
  TextPool<> texts("steady_texts", {.max_size = 4});
  const auto use = [&] {
    const PooledVector<int> vector = vectors.Acquire();
    vector->assign(1000, 1);
    const PooledText<> text = texts.Acquire();
    text->append(1000, 'x');
  };
  use();
  EXPECT_ALLOCATIONS(0, { use(); });
}

}  // namespace
}  // namespace blixard::memory
