#include "raft/core/message_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "raft/core/checksum.h"
#include "raft/core/split_mix.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

Message SampleAppend() {
  Message message = AppendFrom({.replica = 2, .term = 9}, {.term = Term{3}, .index = LogIndex{7}},
                               CommandsOf(Term{4}, LogIndex{8}, LogIndex{10}), LogIndex{6});
  message.entries[1] = Empty({.term = Term{4}, .index = LogIndex{9}});
  message.rejected_index = LogIndex{0x0123456789abcdef};
  message.context = 0x1122334455667788;
  return message;
}

std::string Encoded(const Message& message) {
  std::string frames;
  EncodeMessage(message, frames);
  return frames;
}

absl::StatusOr<size_t> Decode(absl::string_view frames, Message& message) {
  return DecodeMessage(frames, memory::BufferPool::Default(), message);
}

// Bytes of a frame changed on purpose, with a checksum that fits.
std::string Resealed(std::string frame, size_t at, uint8_t byte) {
  frame[at] = static_cast<char>(byte);
  const size_t entries = static_cast<uint8_t>(frame[12]);
  const uint32_t crc = ExtendCrc32c(0, absl::string_view(frame).substr(4, 96 + 20 * entries - 4));
  for (size_t i = 0; i < 4; ++i) frame[i] = static_cast<char>(crc >> (8 * i));
  return frame;
}

void ExpectEqual(const Message& a, const Message& b) {
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.reject, b.reject);
  EXPECT_EQ(a.cluster, b.cluster);
  EXPECT_EQ(a.from, b.from);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.term, b.term);
  EXPECT_EQ(a.log, b.log);
  EXPECT_EQ(a.commit, b.commit);
  EXPECT_EQ(a.rejected_index, b.rejected_index);
  EXPECT_EQ(a.force, b.force);
  EXPECT_EQ(a.lost_data, b.lost_data);
  EXPECT_EQ(a.wants_snapshot, b.wants_snapshot);
  EXPECT_EQ(a.urgent, b.urgent);
  EXPECT_EQ(a.context, b.context);
  EXPECT_EQ(a.payload.view(), b.payload.view());
  ASSERT_EQ(a.entries.size(), b.entries.size());
  for (size_t i = 0; i < a.entries.size(); ++i) {
    EXPECT_EQ(a.entries[i].id(), b.entries[i].id());
    EXPECT_EQ(a.entries[i].type, b.entries[i].type);
    EXPECT_EQ(a.entries[i].payload_crc32c, b.entries[i].payload_crc32c);
    EXPECT_EQ(a.entries[i].payload.view(), b.entries[i].payload.view());
  }
}

TEST(MessageCodecTest, EveryFieldComesBack) {
  for (uint8_t type = 1; type <= 13; ++type) {
    SCOPED_TRACE(int{type});
    Message message = SampleAppend();
    message.type = static_cast<MessageType>(type);
    message.reject = type % 2 == 0;
    message.force = (type & 2) != 0;
    message.lost_data = (type & 4) != 0;
    message.wants_snapshot = (type & 8) != 0;
    message.urgent = type % 2 == 1;
    if (type >= 9) message.payload = BufferOf("the message's own");
    if (type % 3 == 0) message.entries.clear();
    const std::string frame = Encoded(message);
    EXPECT_EQ(frame.size(), EncodedMessageBytes(message));
    Message decoded;
    const absl::StatusOr<size_t> read = Decode(frame, decoded);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, frame.size());
    ExpectEqual(decoded, message);
  }
}

TEST(MessageCodecTest, RandomMessagesComeBack) {
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(kSeed);
  SplitMix random(kSeed);
  std::string frames;
  std::vector<Message> messages;
  for (int i = 0; i < 200; ++i) {
    Message message = From({.replica = random.Next(), .term = random.Next()},
                           static_cast<MessageType>(1 + random.Below(13)));
    message.log.index = LogIndex{random.Below(1000)};
    message.log.term = Term{random.Next()};
    for (uint64_t n = random.Below(5); n > 0; --n) {
      const LogIndex index = message.log.index + (message.entries.size() + 1);
      message.entries.push_back(
          Command({.term = Term{random.Next()}, .index = index},
                  std::string(random.Below(300), static_cast<char>(random.Below(256)))));
    }
    EncodeMessage(message, frames);
    messages.push_back(std::move(message));
  }
  absl::string_view rest = frames;
  Message decoded;  // reused
  for (const Message& message : messages) {
    const absl::StatusOr<size_t> read = Decode(rest, decoded);
    ASSERT_TRUE(read.ok()) << read.status();
    ExpectEqual(decoded, message);
    rest.remove_prefix(*read);
  }
  EXPECT_TRUE(rest.empty());
}

TEST(MessageCodecTest, LayoutIsFixed) {
  Message heartbeat = From({.replica = 2, .term = 0x0102030405060708}, MessageType::kHeartbeat);
  const std::string frame = Encoded(heartbeat);
  ASSERT_EQ(frame.size(), 96u);
  EXPECT_EQ(frame.substr(4, 12), std::string("\x60\0\0\0\x02\x07\0\0\0\0\0\0", 12));
  EXPECT_EQ(frame.substr(40, 8), std::string("\x08\x07\x06\x05\x04\x03\x02\x01"));
}

TEST(MessageCodecTest, EveryFlippedBitIsDetected) {
  const std::string good = Encoded(SampleAppend());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    Message decoded;
    const absl::StatusOr<size_t> read = Decode(bad, decoded);
    ASSERT_FALSE(read.ok()) << "bit " << bit;
    // Byte 8 is the format version: another one means another layout, not damage.
    const absl::StatusCode want =
        bit / 8 == 8 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kDataLoss;
    EXPECT_EQ(read.status().code(), want) << "bit " << bit << ": " << read.status();
    EXPECT_TRUE(decoded.entries.empty());
  }
}

TEST(MessageCodecTest, EveryTruncationIsDetected) {
  const std::string good = Encoded(SampleAppend());
  for (size_t size = 0; size < good.size(); ++size) {
    Message decoded;
    EXPECT_EQ(Decode(good.substr(0, size), decoded).status().code(), absl::StatusCode::kDataLoss)
        << size << " bytes";
  }
}

TEST(MessageCodecTest, DamageInOneFrameDoesNotReachTheOneBefore) {
  std::string frames = Encoded(SampleAppend());
  const size_t first = frames.size();
  EncodeMessage(SampleAppend(), frames);
  frames.back() = static_cast<char>(frames.back() ^ 1);
  Message decoded;
  ASSERT_TRUE(Decode(frames, decoded).ok());
  EXPECT_FALSE(Decode(absl::string_view(frames).substr(first), decoded).ok());
}

TEST(MessageCodecTest, IntactNonsenseIsRefusedByName) {
  const std::string good = Encoded(SampleAppend());
  struct Case {
    size_t at;
    uint8_t byte;
    absl::string_view want;
  };
  for (const Case& c :
       std::vector<Case>{{8, 3, "format version at byte 8: want 2, got 3"},
                         {9, 0, "message type at byte 9: want 1 to 13, got 0"},
                         {9, 14, "message type at byte 9: want 1 to 13, got 14"},
                         {10, 32, "flags at byte 10: want 0 to 31 and then 0, got 32 and 0"},
                         {11, 1, "flags at byte 10: want 0 to 31 and then 0, got 0 and 1"},
                         {88, 200, "payload length at byte 88: want <= 5, got 200"},
                         {88, 1, "payload checksum at byte 92"},
                         {96 + 16, 2, "type of entry 0: want 0, 1 or 3, got 2"},
                         {96 + 17, 1, "padding of entry 0: want zeros"},
                         {96 + 16, 0, "payload of entry 0: want 0 bytes in an empty entry, got 2"},
                         {96 + 8, 1, "payload checksum of entry 0"},
                         {96 + 8, 200, "payload length of entry 0: want <= 5, got 200"}}) {
    SCOPED_TRACE(c.want);
    Message decoded;
    const absl::Status status = Decode(Resealed(good, c.at, c.byte), decoded).status();
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.message().find(c.want), absl::string_view::npos) << status;
  }
}

TEST(MessageCodecTest, FrameLongerThanItsEntriesIsRefused) {
  std::string frame = Encoded(SampleAppend()) + "x";
  Message decoded;
  EXPECT_EQ(Decode(Resealed(frame, 4, static_cast<uint8_t>(frame.size())), decoded).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MessageCodecTest, HugeCountsAndLengthsAllocateNothing) {
  memory::BufferPool pool(memory::BufferPoolOptions{.name = "codec_test"});
  for (size_t at : {4u, 12u, 88u, 96u + 8u}) {
    for (size_t byte = 0; byte < 4; ++byte) {
      std::string bad = Encoded(SampleAppend());
      bad[at + byte] = '\xff';
      Message decoded;
      EXPECT_FALSE(DecodeMessage(bad, pool, decoded).ok());
      EXPECT_EQ(decoded.entries.capacity(), 0u);
    }
  }
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(pool.Stats().acquired, 0u);
}

TEST(MessageCodecTest, ExhaustedPoolIsReportedAndLeavesNothingBehind) {
  memory::BufferPool pool(memory::BufferPoolOptions{.name = "codec_test", .max_live_bytes = 100});
  Message decoded;
  EXPECT_EQ(DecodeMessage(Encoded(SampleAppend()), pool, decoded).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(decoded.entries.empty());
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(MessageCodecTest, EntriesMustContinueTheLog) {
  Message message = SampleAppend();
  message.entries[1].index = LogIndex{12};
  std::string frames;
  EXPECT_DEATH(EncodeMessage(message, frames), "index");
}

TEST(MessageCodecTest, RandomBytesAreNeverTaken) {
  SplitMix random(5);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes(random.Below(300), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Next());
    if (bytes.size() > 8) bytes[8] = 2;
    Message decoded;
    EXPECT_FALSE(Decode(bytes, decoded).ok());
  }
}

}  // namespace
}  // namespace blixard::raft
