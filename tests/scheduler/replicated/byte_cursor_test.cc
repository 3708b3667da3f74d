#include "scheduler/replicated/byte_cursor.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace blixard::scheduler {
namespace {

TEST(ByteCursorTest, NumbersAndTextsComeBackInOrder) {
  std::array<char, 64> bytes;
  ByteWriter writer(absl::MakeSpan(bytes));
  writer.Put(uint8_t{1});
  writer.Put(uint32_t{0x01020304});
  writer.PutText("text");
  writer.PutText("");
  writer.Put(uint64_t{5});
  ByteReader reader(writer.written());
  EXPECT_EQ(reader.Get<uint8_t>(), 1u);
  EXPECT_EQ(reader.Get<uint32_t>(), 0x01020304u);
  EXPECT_EQ(reader.GetText(), "text");
  EXPECT_EQ(reader.GetText(), "");
  EXPECT_EQ(reader.Get<uint64_t>(), 5u);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.rest().empty());
}

TEST(ByteCursorTest, AReadPastTheEndIsNoticedAndStaysSo) {
  ByteReader reader(
      absl::string_view("\x05"
                        "abc",
                        4));
  EXPECT_EQ(reader.GetText(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.Get<uint8_t>(), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteCursorDeathTest, WritingPastTheEndStopsTheProcess) {
  std::array<char, 3> bytes;
  ByteWriter writer(absl::MakeSpan(bytes));
  EXPECT_DEATH(writer.Put(uint32_t{0}), "sizeof");
  EXPECT_DEATH(writer.PutText("abc"), "text.size");
  EXPECT_DEATH(writer.PutText(std::string(256, 'x')), "255");
}

}  // namespace
}  // namespace blixard::scheduler
