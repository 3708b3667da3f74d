#include "memory_optimization/byte_reader.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "memory_optimization/bytes_mut.h"
#include "memory_optimization/bytes_reader.h"
#include "memory_optimization/bytes_writer.h"

namespace blixard::memory {
namespace {

using namespace std::string_literals;

TEST(ByteReaderTest, NumbersAreLittleEndian) {
  const std::string bytes = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"s;
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Get<uint8_t>("a"), 0x01u);
  EXPECT_EQ(reader.Get<uint16_t>("b"), 0x0302u);
  EXPECT_EQ(reader.Get<uint32_t>("c"), 0x07060504u);
  EXPECT_EQ(reader.Get<uint64_t>("d"), 0x0f0e0d0c0b0a0908u);
  EXPECT_TRUE(reader.Finish().ok());
}

TEST(ByteReaderTest, TheFirstFailureNamesFieldPositionWantAndGot) {
  ByteReader reader("abcdef");
  EXPECT_EQ(reader.Get<uint32_t>("term"), 0x64636261u);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.Get<uint32_t>("index"), 0u);
  EXPECT_EQ(reader.Get<uint8_t>("kind"), 0u);  // two bytes are left, but nothing is read any more
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(reader.status().message(), "index at byte 4: want 4 bytes, got 2");
  EXPECT_EQ(reader.Finish(), reader.status());
}

TEST(ByteReaderTest, BytesLeftOverAreNamed) {
  ByteReader reader("abc");
  reader.Get<uint8_t>("a");
  EXPECT_EQ(reader.Finish().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reader.Finish().message(), "end at byte 1: want no more bytes, got 2");
  EXPECT_TRUE(reader.status().ok());
}

TEST(ByteReaderTest, ViewsPointIntoTheBytes) {
  const std::string bytes = "headbody";
  ByteReader reader(bytes);
  const absl::string_view head = reader.GetView(4, "head");
  EXPECT_EQ(head, "head");
  EXPECT_EQ(head.data(), bytes.data());
  EXPECT_EQ(reader.position(), 4u);
  EXPECT_EQ(reader.remaining(), 4u);
  EXPECT_EQ(reader.GetView(0, "nothing"), "");
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.GetView(static_cast<size_t>(-1), "body"), "");
  EXPECT_EQ(reader.status().message(), "body at byte 4: want 18446744073709551615 bytes, got 4");
}

TEST(ByteReaderTest, NothingCanBeReadOfNothing) {
  ByteReader reader("");
  EXPECT_TRUE(reader.Finish().ok());
  EXPECT_EQ(reader.GetVarint("count"), 0u);
  EXPECT_EQ(reader.status().message(), "count at byte 0: want 1 bytes, got 0");
}

TEST(ByteReaderTest, VarintsOfAllLengthsComeBack) {
  for (int shift = 0; shift < 64; ++shift) {
    for (const uint64_t value : {(uint64_t{1} << shift) - 1, uint64_t{1} << shift,
                                 std::numeric_limits<uint64_t>::max() >> shift}) {
      SCOPED_TRACE(value);
      BytesMut out;
      BytesWriter writer(out);
      writer.PutVarint(value);
      ByteReader reader(out.view());
      EXPECT_EQ(reader.GetVarint("value"), value);
      EXPECT_TRUE(reader.Finish().ok());
    }
  }
}

TEST(ByteReaderTest, AVarintCutShortIsNamed) {
  ByteReader reader("\x80\x80");
  EXPECT_EQ(reader.GetVarint("count"), 0u);
  EXPECT_EQ(reader.status().message(), "count at byte 0: want 3 bytes, got 2");
}

TEST(ByteReaderTest, AVarintAbove64BitsIsNamed) {
  ByteReader most("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(most.GetVarint("count"), std::numeric_limits<uint64_t>::max());
  ByteReader above("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
  EXPECT_EQ(above.GetVarint("count"), 0u);
  EXPECT_EQ(above.status().message(),
            "count at byte 0: want a varint of 64 bits, got a longer one");
  const std::string ones(20, '\x80');
  ByteReader endless(ones);
  EXPECT_EQ(endless.GetVarint("count"), 0u);
  EXPECT_FALSE(endless.ok());
}

TEST(ByteReaderTest, ACountAboveItsLimitIsRefusedBeforeItIsUsed) {
  ByteReader most("\x64");
  EXPECT_EQ(most.GetVarintAtMost(100, "entries"), 100u);
  EXPECT_TRUE(most.Finish().ok());
  ByteReader above("x\x65");
  above.GetView(1, "x");
  EXPECT_EQ(above.GetVarintAtMost(100, "entries"), 0u);
  EXPECT_EQ(above.status().message(), "entries at byte 1: want <= 100, got 101");
}

TEST(ByteReaderTest, SizedViewsNeedTheirBytesToBeThere) {
  ByteReader reader(
      "\x03"
      "abc"
      "\x04"
      "abc");
  EXPECT_EQ(reader.GetSized(10, "name"), "abc");
  EXPECT_EQ(reader.GetSized(10, "zone"), "");
  EXPECT_EQ(reader.status().message(), "zone at byte 5: want 4 bytes, got 3");
}

TEST(BytesReaderTest, PartsAreSlicesOfTheMessage) {
  BufferPool pool;
  BytesMut out(pool);
  BytesWriter writer(out);
  writer.Put(uint32_t{7});
  writer.PutSized("name");
  writer.PutSized("");
  writer.PutView("tail");
  ASSERT_TRUE(writer.status().ok());
  const Bytes message = std::move(out).Freeze();
  Bytes name;
  {
    BytesReader reader(message);
    EXPECT_EQ(reader.Get<uint32_t>("id"), 7u);
    name = reader.GetSizedBytes(100, "name");
    EXPECT_TRUE(reader.GetSizedBytes(100, "empty").empty());
    EXPECT_EQ(reader.GetBytes(4, "tail").data(), message.data() + message.size() - 4);
    EXPECT_TRUE(reader.Finish().ok());
  }
  EXPECT_EQ(name, "name");
  EXPECT_EQ(name.data(), message.data() + 5);
  EXPECT_EQ(pool.Stats().acquired, 1u);
}

TEST(BytesReaderTest, WhatIsMissingGivesEmptyBytes) {
  BytesReader reader(Bytes::FromStatic("ab"));
  EXPECT_TRUE(reader.GetBytes(3, "payload").empty());
  EXPECT_EQ(reader.status().message(), "payload at byte 0: want 3 bytes, got 2");
}

TEST(BytesWriterTest, TheFirstRefusalStopsTheWriting) {
  BufferPool pool({.max_live_bytes = 64});
  BytesMut out(pool);
  BytesWriter writer(out);
  writer.PutView(std::string(60, 'x'));
  writer.Put(uint64_t{1});
  writer.Put(uint8_t{1});  // would fit, but the one before is missing
  EXPECT_EQ(writer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(out.size(), 60u);
}

TEST(ByteReaderTest, RandomBytesNeverLeadOutside) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ByteReader reader(bytes);
    size_t consumed = 0;
    while (reader.ok() && reader.remaining() > 0) {
      switch (random() % 4) {
        case 0:
          reader.Get<uint32_t>("number");
          break;
        case 1:
          reader.GetVarint("varint");
          break;
        case 2: {
          const absl::string_view view = reader.GetSized(16, "sized");
          ASSERT_LE(view.size(), 16u);
          if (!view.empty()) {
            ASSERT_LE(view.data() + view.size(), bytes.data() + bytes.size());
          }
          break;
        }
        default:
          reader.GetView(random() % 8, "view");
      }
      ASSERT_GE(reader.position(), consumed);
      consumed = reader.position();
    }
    ASSERT_EQ(reader.ok(), reader.status().ok());
  }
}

}  // namespace
}  // namespace blixard::memory
