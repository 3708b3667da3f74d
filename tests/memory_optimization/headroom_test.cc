#include "memory_optimization/headroom.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <stdexcept>
#include <vector>

namespace blixard::memory {
namespace {

TEST(HeadroomTest, AddsAQuarterRoundedUp) {
  struct Case {
    size_t count;
    size_t want;
  };
  for (const Case& c :
       std::vector<Case>{{0, 0}, {1, 2}, {4, 5}, {5, 7}, {100, 125}, {1001, 1252}}) {
    EXPECT_EQ(WithHeadroom(c.count), c.want) << c.count;
  }
  EXPECT_EQ(WithHeadroom(200, 50), 300u);
  EXPECT_EQ(WithHeadroom(200, 0), 200u);
  EXPECT_EQ(WithHeadroom(3, 200), 9u);
  static_assert(WithHeadroom(1000) == 1250, "usable for array sizes");
}

// The original multiplied first and wrapped around to a small size.
TEST(HeadroomTest, OverflowSaturates) {
  EXPECT_EQ(WithHeadroom(SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(WithHeadroom(SIZE_MAX / 5 * 4 + 100), SIZE_MAX);
  EXPECT_EQ(WithHeadroom(100, SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(WithHeadroom(99, SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(TryWithHeadroom(SIZE_MAX), std::nullopt);
  EXPECT_EQ(TryWithHeadroom(SIZE_MAX, 0), SIZE_MAX) << "nothing on top overflows nothing";
}

TEST(HeadroomTest, SaturatedSizeIsRefusedByContainers) {
  std::vector<uint64_t> numbers;
  EXPECT_THROW(numbers.reserve(WithHeadroom(SIZE_MAX - 1)), std::length_error);
}

TEST(HeadroomTest, AgreesWithWideArithmetic) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const size_t count = random() >> random() % 64;
    const size_t percent = (random() >> random() % 64) % 1'000'000;
    const unsigned __int128 wide =
        count + (static_cast<unsigned __int128>(count) * percent + 99) / 100;
    const bool fits = wide <= SIZE_MAX;
    ASSERT_EQ(TryWithHeadroom(count, percent),
              fits ? std::optional<size_t>(static_cast<size_t>(wide)) : std::nullopt)
        << count << " and " << percent << " %";
  }
}

}  // namespace
}  // namespace blixard::memory
