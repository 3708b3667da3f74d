#include "memory_optimization/bytes_mut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace blixard::memory {
namespace {

std::string Text(std::mt19937& random, size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(BytesMutTest, StartsWithoutABlock) {
  BufferPool pool;
  BytesMut bytes(pool);
  EXPECT_EQ(bytes.capacity(), 0u);
  EXPECT_EQ(bytes.retained_bytes(), 0u);
  EXPECT_TRUE(std::move(bytes).Freeze().empty());
  EXPECT_EQ(pool.Stats().acquired, 0u);
}

TEST(BytesMutTest, FrozenBytesAreWhereTheyWereWritten) {
  BufferPool pool;
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Append("abc").ok());
  ASSERT_TRUE(writer.Append("def").ok());
  const char* data = writer.data();
  const Bytes bytes = std::move(writer).Freeze();
  EXPECT_EQ(bytes, "abcdef");
  EXPECT_EQ(bytes.data(), data);
  EXPECT_TRUE(bytes.unique());
  EXPECT_EQ(pool.Stats().acquired, 1u);
}

TEST(BytesMutTest, SplitHandsOutWhatWasWrittenAndKeepsTheRoom) {
  BufferPool pool;
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Reserve(64).ok());
  ASSERT_TRUE(writer.Append("first").ok());
  const Bytes first = writer.Split().Freeze();
  ASSERT_TRUE(writer.Append("second").ok());
  const Bytes second = writer.Split().Freeze();
  EXPECT_EQ(first, "first");
  EXPECT_EQ(second, "second");
  EXPECT_EQ(second.data(), first.data() + 5);
  EXPECT_EQ(writer.capacity(), 64u - 11);
  EXPECT_EQ(pool.Stats().acquired, 1u);
}

TEST(BytesMutTest, SplitToAndSplitOffShareTheRoomOut) {
  BytesMut writer;
  ASSERT_TRUE(writer.Append("abcdef").ok());
  BytesMut front = writer.SplitTo(2);
  EXPECT_EQ(front.view(), "ab");
  EXPECT_EQ(front.capacity(), 2u);
  EXPECT_EQ(writer.view(), "cdef");
  BytesMut back = writer.SplitOff(1);
  EXPECT_EQ(writer.view(), "c");
  EXPECT_EQ(writer.capacity(), 1u);
  EXPECT_EQ(back.view(), "def");
  EXPECT_EQ(back.capacity(), 64u - 3);
  // Growing one piece never runs into another.
  ASSERT_TRUE(front.Append("XYZ").ok());
  ASSERT_TRUE(writer.Append("XYZ").ok());
  EXPECT_EQ(front.view(), "abXYZ");
  EXPECT_EQ(writer.view(), "cXYZ");
  EXPECT_EQ(back.view(), "def");
}

TEST(BytesMutTest, SplittingAtTheEndsSharesNothing) {
  BytesMut writer;
  ASSERT_TRUE(writer.Append(std::string(64, 'x')).ok());
  EXPECT_TRUE(writer.SplitTo(0).empty());
  BytesMut all = writer.Split();
  EXPECT_EQ(all.size(), 64u);
  EXPECT_EQ(writer.retained_bytes(), 0u);
  BytesMut again = all.SplitOff(0);
  EXPECT_EQ(again.size(), 64u);
  EXPECT_TRUE(all.empty());
  ASSERT_TRUE(all.Append("usable").ok());
}

TEST(BytesMutTest, ReserveGrowsThroughTheSizeClasses) {
  BufferPool pool;
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Reserve(65).ok());
  EXPECT_EQ(writer.capacity(), 128u);
  ASSERT_TRUE(writer.Append(std::string(128, 'x')).ok());
  ASSERT_TRUE(writer.Append("y").ok());
  EXPECT_EQ(writer.capacity(), 256u);
  EXPECT_EQ(writer.view(), std::string(128, 'x') + "y");
  EXPECT_EQ(pool.Stats().live_bytes, 256u);
}

TEST(BytesMutTest, ReserveAboveThePoolsLargestBlockTakesTheHeap) {
  BufferPool pool({.max_block_bytes = 64});
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Append(std::string(64, 'x')).ok());
  ASSERT_TRUE(writer.Append("y").ok());
  EXPECT_EQ(writer.capacity(), 128u);
  EXPECT_EQ(writer.size(), 65u);
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(BytesMutTest, SizeOverflowOnReserveIsRefused) {
  BytesMut writer;
  ASSERT_TRUE(writer.Append("kept").ok());
  for (const size_t additional :
       {static_cast<size_t>(-1), static_cast<size_t>(-4), (size_t{1} << 40) - 3, size_t{1} << 63}) {
    SCOPED_TRACE(additional);
    const absl::Status status = writer.Reserve(additional);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(),
              "additional: want <= 1099511627772 after 4 bytes, got " + std::to_string(additional));
  }
  EXPECT_EQ(writer.view(), "kept");
}

TEST(BytesMutTest, ReserveBeyondThePoolsBoundIsRefusedAndChangesNothing) {
  BufferPool pool({.max_live_bytes = 64});
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Append("kept").ok());
  EXPECT_EQ(writer.Append(std::string(100, 'x')).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(writer.view(), "kept");
  EXPECT_TRUE(writer.Append("!").ok());
}

TEST(BytesMutTest, RoomOfDroppedPiecesIsUsedAgain) {
  BufferPool pool;
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Append(std::string(60, 'x')).ok());
  Bytes sent = writer.Split().Freeze();
  ASSERT_TRUE(writer.Append("ab").ok());
  sent = Bytes();
  ASSERT_TRUE(writer.Append("cdef").ok());  // no room behind; the front is free
  EXPECT_EQ(writer.view(), "abcdef");
  EXPECT_EQ(writer.capacity(), 64u);
  EXPECT_EQ(pool.Stats().acquired, 1u);
}

TEST(BytesMutTest, RoomBehindADroppedPieceIsUsedAgain) {
  BufferPool pool;
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Append("abcd").ok());
  { const BytesMut back = writer.SplitOff(2); }
  ASSERT_TRUE(writer.Append("CD").ok());
  EXPECT_EQ(writer.view(), "abCD");
  EXPECT_EQ(pool.Stats().acquired, 1u);
}

TEST(BytesMutTest, RoomOfLivingPiecesIsNot) {
  BufferPool pool;
  BytesMut writer(pool);
  ASSERT_TRUE(writer.Append(std::string(60, 'x')).ok());
  const Bytes sent = writer.Split().Freeze();
  ASSERT_TRUE(writer.Append("abcdef").ok());
  EXPECT_EQ(sent, std::string(60, 'x'));
  EXPECT_EQ(pool.Stats().acquired, 2u);
}

TEST(BytesMutTest, APartOfItselfMayBeAppended) {
  BytesMut writer;
  ASSERT_TRUE(writer.Append(std::string(30, 'a') + std::string(30, 'b')).ok());
  ASSERT_TRUE(writer.Append(writer.view().substr(25, 10)).ok());  // grows
  EXPECT_EQ(writer.view().substr(60), "aaaaabbbbb");
  ASSERT_TRUE(writer.Append(writer.view().substr(0, 2)).ok());
  EXPECT_EQ(writer.view().substr(70), "aa");
}

TEST(BytesMutTest, TheNeighbouringPieceMayBeAppended) {
  BytesMut front;
  ASSERT_TRUE(front.Append("abcd").ok());
  BytesMut back = front.SplitOff(2);
  ASSERT_EQ(front.data() + front.size(), back.data());
  ASSERT_TRUE(front.Append(back.view()).ok());
  EXPECT_EQ(front.view(), "abcd");
}

TEST(BytesMutTest, WritingInPlaceIsCommitted) {
  BytesMut writer;
  ASSERT_TRUE(writer.Reserve(10).ok());
  std::memcpy(writer.spare().data(), "in place", 8);
  writer.Commit(8);
  EXPECT_EQ(writer.view(), "in place");
  EXPECT_EQ(writer.spare().size(), 64u - 8);
  writer.TruncateTo(2);
  EXPECT_EQ(writer.view(), "in");
  writer.Clear();
  EXPECT_EQ(writer.capacity(), 64u);
}

TEST(BytesMutTest, ABufferIsTakenOverWithItsContentAndRoom) {
  BufferPool pool;
  Buffer buffer = pool.AcquireCopy("content").value();
  const char* data = buffer.data();
  BytesMut writer(std::move(buffer));
  EXPECT_EQ(writer.data(), data);
  EXPECT_EQ(writer.view(), "content");
  EXPECT_EQ(writer.capacity(), 64u);
  ASSERT_TRUE(writer.Append(std::string(100, 'x')).ok());  // from the same pool
  EXPECT_EQ(pool.Stats().live, 1u);
  BytesMut empty((Buffer()));
  EXPECT_TRUE(empty.Append("x").ok());
}

TEST(BytesMutTest, UniqueBytesUnfreezeWithTheRoomBehindThem) {
  BufferPool pool;
  Bytes bytes = Bytes::CopyOf("content", pool).value();
  bytes.RemovePrefix(3);
  std::optional<BytesMut> writer = BytesMut::TryUnfreeze(bytes);
  ASSERT_TRUE(writer.has_value());
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(writer->view(), "tent");
  EXPECT_EQ(writer->capacity(), 64u - 3);
  EXPECT_EQ(pool.Stats().live, 1u);
}

TEST(BytesMutTest, SharedStaticForeignAndEmptyBytesStayFrozen) {
  Bytes shared = Bytes::CopyOf("content").value();
  const Bytes other = shared;
  EXPECT_FALSE(BytesMut::TryUnfreeze(shared).has_value());
  EXPECT_EQ(shared, "content");
  Bytes literal = Bytes::FromStatic("literal");
  EXPECT_FALSE(BytesMut::TryUnfreeze(literal).has_value());
  EXPECT_EQ(literal, "literal");
  Bytes foreign = Bytes::FromOwner(std::string("owner")).value();
  EXPECT_FALSE(BytesMut::TryUnfreeze(foreign).has_value());
  EXPECT_EQ(foreign, "owner");
  Bytes empty;
  EXPECT_FALSE(BytesMut::TryUnfreeze(empty).has_value());
}

TEST(BytesMutTest, BytesOfTheHeapUnfreezeToo) {
  BufferPool pool({.max_block_bytes = 64});
  Bytes bytes = Bytes::CopyOf(std::string(100, 'x'), pool).value();
  std::optional<BytesMut> writer = BytesMut::TryUnfreeze(bytes);
  ASSERT_TRUE(writer.has_value());
  EXPECT_EQ(writer->size(), 100u);
  ASSERT_TRUE(writer->Append("y").ok());
}

TEST(BytesMutTest, RandomWritesAndSplitsAgreeWithStrings) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  BufferPool pool({.max_block_bytes = 512});
  struct Writer {
    BytesMut bytes;
    std::string text;
  };
  std::vector<Writer> writers;
  std::vector<std::pair<Bytes, std::string>> frozen;
  for (int step = 0; step < 20'000; ++step) {
    if (writers.empty()) writers.push_back({BytesMut(pool), ""});
    std::swap(writers[random() % writers.size()], writers.back());
    Writer& writer = writers.back();
    const size_t at = random() % (writer.text.size() + 1);
    switch (random() % 8) {
      case 0:
        writers.push_back({writer.bytes.SplitTo(at), writer.text.substr(0, at)});
        writers[writers.size() - 2].text.erase(0, at);
        break;
      case 1: {
        std::string back = writer.text.substr(at);
        writer.text.resize(at);
        writers.push_back({writer.bytes.SplitOff(at), std::move(back)});
        break;
      }
      case 2:
        frozen.emplace_back(std::move(writer.bytes).Freeze(), std::move(writer.text));
        writers.pop_back();
        break;
      case 3:
        if (!frozen.empty()) {
          std::swap(frozen[random() % frozen.size()], frozen.back());
          std::optional<BytesMut> back = BytesMut::TryUnfreeze(frozen.back().first);
          if (back.has_value()) writers.push_back({*std::move(back), frozen.back().second});
          frozen.pop_back();
        }
        break;
      default: {
        const std::string more = Text(random, random() % 100);
        ASSERT_TRUE(writer.bytes.Append(more).ok());
        writer.text += more;
      }
    }
    for (const Writer& w : writers) ASSERT_EQ(w.bytes.view(), w.text) << "step " << step;
    for (const auto& [bytes, text] : frozen) ASSERT_EQ(bytes, text) << "step " << step;
    if (writers.size() > 6) writers.pop_back();
    if (frozen.size() > 6) frozen.pop_back();
  }
  writers.clear();
  frozen.clear();
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(BytesMutThreadsTest, PiecesOfOneBlockAreWrittenByDifferentThreads) {
  for (int round = 0; round < 200; ++round) {
    BytesMut writer;
    ASSERT_TRUE(writer.Append("aabbcc").ok());
    BytesMut first = writer.SplitTo(2);
    BytesMut second = writer.SplitTo(2);
    std::thread a([piece = std::move(first)]() mutable {
      piece.mutable_data()[0] = 'A';
      EXPECT_TRUE(piece.Append("1").ok());
      EXPECT_EQ(piece.view(), "Aa1");
    });
    std::thread b([piece = std::move(second)]() mutable {
      piece.mutable_data()[1] = 'B';
      EXPECT_TRUE(piece.Append("2").ok());
      EXPECT_EQ(piece.view(), "bB2");
    });
    // Takes back the room of the other pieces as soon as they are gone.
    EXPECT_TRUE(writer.Append(std::string(62, 'x')).ok());
    EXPECT_EQ(writer.view(), "cc" + std::string(62, 'x'));
    a.join();
    b.join();
  }
}

TEST(BytesMutDeathTest, MisuseIsNamed) {
  BytesMut writer;
  ASSERT_TRUE(writer.Append("abc").ok());
  EXPECT_DEATH(writer.SplitTo(4), "split of bytes");
  EXPECT_DEATH(writer.SplitOff(4), "split of bytes");
  EXPECT_DEATH(writer.Commit(62), "commit beyond the spare room");
  const Buffer shared = BufferPool::Default().AcquireCopy("shared").value();
  EXPECT_DEATH(BytesMut{Buffer(shared)}, "write to a shared buffer of 6 bytes");
}

}  // namespace
}  // namespace blixard::memory
