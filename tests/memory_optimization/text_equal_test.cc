#include "memory_optimization/text_equal.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace blixard::memory::internal {
namespace {

TEST(TextEqualTest, EveryByteOfEveryLengthCounts) {
  for (size_t length = 0; length <= 80; ++length) {
    const std::string text(length, 'x');
    const std::string same = text;
    EXPECT_TRUE(EqualBytes(text.data(), same.data(), length)) << length;
    for (size_t i = 0; i < length; ++i) {
      std::string other = text;
      other[i] ^= 1;
      EXPECT_FALSE(EqualBytes(text.data(), other.data(), length)) << length << ", byte " << i;
    }
  }
}

}  // namespace
}  // namespace blixard::memory::internal
