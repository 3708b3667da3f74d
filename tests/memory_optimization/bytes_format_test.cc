#include "memory_optimization/bytes_format.h"

#include <gtest/gtest.h>

#include <string>

#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/bytes_mut.h"
#include "memory_optimization/expect_allocations.h"

namespace blixard::memory {
namespace {

TEST(FormatToTest, AppendsTheText) {
  BytesMut line;
  ASSERT_TRUE(FormatTo(line, "{} of {}", 3, "five").ok());
  ASSERT_TRUE(FormatTo(line, ", {:.2f}", 0.5).ok());
  EXPECT_EQ(line.view(), "3 of five, 0.50");
}

TEST(FormatToTest, GrowsWhereTheTextDoesNotFit) {
  BytesMut line;
  ASSERT_TRUE(FormatTo(line, "{}", std::string(60, 'a')).ok());
  ASSERT_TRUE(FormatTo(line, "{}", std::string(100, 'b')).ok());
  EXPECT_EQ(line.view(), std::string(60, 'a') + std::string(100, 'b'));
}

TEST(FormatToTest, ARefusalLeavesTheTextAsItWas) {
  BufferPool pool({.max_live_bytes = 64});
  BytesMut line(pool);
  ASSERT_TRUE(FormatTo(line, "{}", "kept").ok());
  EXPECT_EQ(FormatTo(line, "{}", std::string(61, 'x')).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(AppendPieces(line, {std::string(30, 'x'), std::string(31, 'y')}).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(line.view(), "kept");
}

TEST(AppendPiecesTest, AppendsNumbersAndTexts) {
  BytesMut line;
  ASSERT_TRUE(AppendPieces(line, {"node-", 17, " has ", 2.5, " free"}).ok());
  ASSERT_TRUE(AppendPieces(line, {}).ok());
  EXPECT_EQ(line.view(), "node-17 has 2.5 free");
}

TEST(FormatToTest, FormattingIntoAPooledBlockAllocatesNothing) {
  const auto write_line = [] {
    BytesMut line;
    EXPECT_TRUE(FormatTo(line, "node {} has {} MiB free of {}\n", 17, 4096, 8192).ok());
    EXPECT_TRUE(AppendPieces(line, {"and ", 3, " of ", 4, " GPUs"}).ok());
  };
  write_line();
  EXPECT_ALLOCATIONS(0, { write_line(); });
}

}  // namespace
}  // namespace blixard::memory
