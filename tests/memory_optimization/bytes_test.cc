#include "memory_optimization/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"

namespace blixard::memory {
namespace {

static_assert(sizeof(Bytes) == 3 * sizeof(void*));
constinit const Bytes before_main = Bytes::FromStatic("made by the compiler");

// Counts its destruction.
class Witness {
 public:
  Witness(std::string text, int* destroyed) : text_(std::move(text)), destroyed_(destroyed) {}
  Witness(Witness&& other) noexcept
      : text_(std::move(other.text_)), destroyed_(std::exchange(other.destroyed_, nullptr)) {}
  ~Witness() {
    if (destroyed_ != nullptr) ++*destroyed_;
  }
  const char* data() const { return text_.data(); }
  size_t size() const { return text_.size(); }

 private:
  std::string text_;
  int* destroyed_;
};

TEST(BytesTest, DefaultConstructedIsEmptyAndKeepsNothing) {
  const Bytes bytes;
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(bytes.view(), "");
  EXPECT_EQ(bytes.retained_bytes(), 0u);
  EXPECT_TRUE(bytes.unique());
}

TEST(BytesTest, ALiteralKeepsNothingAndIsNeverUnique) {
  static constexpr char kLiteral[] = "made by the compiler";
  const Bytes bytes = Bytes::FromStatic(kLiteral);
  const Bytes slice = bytes.Slice(5, 2);
  EXPECT_EQ(slice, "by");
  EXPECT_EQ(slice.data(), kLiteral + 5);
  EXPECT_EQ(slice.retained_bytes(), 0u);
  EXPECT_FALSE(slice.unique());
  EXPECT_EQ(before_main, bytes);
}

TEST(BytesTest, ACopyHoldsTheContentInABlockOfThePool) {
  BufferPool pool;
  const Bytes bytes = Bytes::CopyOf("payload", pool).value();
  EXPECT_EQ(bytes, "payload");
  EXPECT_EQ(pool.Stats().live, 1u);
  EXPECT_EQ(bytes.retained_bytes(), 64u + 16u);
  EXPECT_TRUE(Bytes::CopyOf("", pool).value().empty());
  EXPECT_EQ(pool.Stats().live, 1u);
}

TEST(BytesTest, ACopyAboveThePoolsLargestBlockIsOfTheHeap) {
  BufferPool pool({.max_block_bytes = 128});
  const std::string content(129, 'x');
  const Bytes bytes = Bytes::CopyOf(content, pool).value();
  EXPECT_EQ(bytes, content);
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(bytes.retained_bytes(), 129u + 32u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % 16, 0u);
}

TEST(BytesTest, ACopyNobodyCanHoldIsRefusedBeforeAnythingIsAllocated) {
  const absl::Status status = Bytes::CopyOf(absl::string_view("x", (size_t{1} << 40) + 1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "bytes: want <= 1099511627776, got 1099511627777");
}

TEST(BytesTest, ACopyBeyondThePoolsBoundIsRefused) {
  BufferPool pool({.name = "small", .max_live_bytes = 64});
  const Bytes first = Bytes::CopyOf("x", pool).value();
  const absl::Status status = Bytes::CopyOf("y", pool).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("buffer pool small"));
}

TEST(BytesTest, SlicesShareTheBlockUntilTheLastIsDropped) {
  BufferPool pool;
  Bytes whole = Bytes::CopyOf("header|body", pool).value();
  Bytes head = whole.Slice(0, 6);
  Bytes body = whole.Slice(7, 4);
  EXPECT_EQ(head, "header");
  EXPECT_EQ(body, "body");
  EXPECT_EQ(body.data(), whole.data() + 7);
  EXPECT_FALSE(whole.unique());
  whole = Bytes();
  head = Bytes();
  EXPECT_TRUE(body.unique());
  EXPECT_EQ(pool.Stats().live, 1u);
  body = Bytes();
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(BytesTest, AnEmptySliceKeepsNothing) {
  BufferPool pool;
  Bytes whole = Bytes::CopyOf("content", pool).value();
  const Bytes nothing = whole.Slice(7, 0);
  EXPECT_TRUE(whole.unique());
  whole.TruncateTo(0);
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(nothing, whole);
}

TEST(BytesTest, SplitToReturnsTheFrontAndKeepsTheRest) {
  Bytes rest = Bytes::CopyOf("abcdef").value();
  EXPECT_EQ(rest.SplitTo(2), "ab");
  EXPECT_EQ(rest, "cdef");
  EXPECT_EQ(rest.SplitTo(0), "");
  EXPECT_TRUE(rest.unique());
  EXPECT_EQ(rest.SplitTo(4), "cdef");
  EXPECT_EQ(rest, "");
  EXPECT_EQ(rest.retained_bytes(), 0u);
}

TEST(BytesTest, SplitOffReturnsTheBackAndKeepsTheFront) {
  Bytes rest = Bytes::CopyOf("abcdef").value();
  EXPECT_EQ(rest.SplitOff(4), "ef");
  EXPECT_EQ(rest, "abcd");
  EXPECT_EQ(rest.SplitOff(4), "");
  EXPECT_EQ(rest.SplitOff(0), "abcd");
  EXPECT_EQ(rest.retained_bytes(), 0u);
}

TEST(BytesTest, TruncateToAndRemovePrefixOnlyShrink) {
  Bytes bytes = Bytes::FromStatic("abcdef");
  bytes.TruncateTo(9);
  EXPECT_EQ(bytes, "abcdef");
  bytes.TruncateTo(4);
  bytes.RemovePrefix(1);
  EXPECT_EQ(bytes, "bcd");
}

TEST(BytesTest, ABufferBecomesBytesWithoutACopy) {
  BufferPool pool;
  Buffer buffer = pool.AcquireCopy("payload").value();
  const char* data = buffer.data();
  const Buffer shared = buffer;
  Bytes bytes(std::move(buffer));
  EXPECT_EQ(bytes.data(), data);
  EXPECT_FALSE(bytes.unique());
  EXPECT_FALSE(shared.unique());
  bytes = Bytes();
  EXPECT_TRUE(shared.unique());
  EXPECT_EQ(Bytes(Buffer()).retained_bytes(), 0u);
  EXPECT_EQ(Bytes(pool.Acquire(100).value()).retained_bytes(), 0u);
  EXPECT_EQ(pool.Stats().live, 1u);
}

TEST(BytesTest, AnOwnerIsDestroyedOnceByTheLastShare) {
  int destroyed = 0;
  Bytes whole = Bytes::FromOwner(Witness("text of a witness", &destroyed)).value();
  Bytes slice = whole.Slice(8, 9);
  whole = Bytes();
  EXPECT_EQ(slice, "a witness");
  EXPECT_EQ(destroyed, 0);
  slice = Bytes();
  EXPECT_EQ(destroyed, 1);
}

TEST(BytesTest, AShortStringMayOwnItsBytesInline) {
  std::string text = "short";
  const Bytes bytes = Bytes::FromOwner(std::move(text)).value();
  EXPECT_EQ(bytes, "short");
}

TEST(BytesTest, ALongStringIsNotCopied) {
  std::string text(1000, 'x');
  const char* data = text.data();
  const Bytes bytes = Bytes::FromOwner(std::move(text)).value();
  EXPECT_EQ(bytes.data(), data);
  EXPECT_GE(bytes.retained_bytes(), 1000u);
}

TEST(BytesTest, AReleaseFunctionIsCalledOnceByTheLastShare) {
  static const char kMemory[] = "mapped elsewhere";
  int released = 0;
  {
    Bytes whole = Bytes::FromExternal(
                      kMemory, [&released] { ++released; }, 4096)
                      .value();
    EXPECT_EQ(whole.data(), kMemory);
    EXPECT_GT(whole.retained_bytes(), 4096u);
    const Bytes slice = whole.Slice(0, 6);
    whole.RemovePrefix(7);
    EXPECT_EQ(whole, "elsewhere");
    EXPECT_EQ(released, 0);
  }
  EXPECT_EQ(released, 1);
}

TEST(BytesTest, EmptyExternalMemoryIsReleasedToo) {
  int released = 0;
  const Bytes bytes = Bytes::FromExternal("", [&released] { ++released; }).value();
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(released, 0);
  Bytes(bytes).TruncateTo(0);
  EXPECT_EQ(released, 0);
}

TEST(BytesTest, ForeignMemoryAbove4GiBIsSlicedAsAnyOther) {
  // Never read: only the arithmetic is under test.
  const size_t huge = size_t{5} << 30;
  const Bytes bytes = Bytes::FromExternal({"x", huge}, [] {}).value();
  const Bytes end = bytes.Slice(huge - 1, 1);
  EXPECT_EQ(end.data(), bytes.data() + huge - 1);
  EXPECT_GT(end.retained_bytes(), huge);
}

TEST(BytesTest, ASmallSlicePinsALargeBlockUntilItIsCompacted) {
  BufferPool pool;
  Bytes slice = Bytes::CopyOf(std::string(100'000, 'x'), pool).value().Slice(50'000, 10);
  EXPECT_EQ(slice.size(), 10u);
  EXPECT_EQ(slice.retained_bytes(), (size_t{1} << 17) + 16);
  EXPECT_TRUE(slice.Compact(pool).ok());
  EXPECT_EQ(slice, std::string(10, 'x'));
  EXPECT_EQ(slice.retained_bytes(), 64u + 16u);
  EXPECT_EQ(pool.Stats().live_bytes, 64u);
}

TEST(BytesTest, CompactLeavesWhatFitsAlready) {
  BufferPool pool;
  Bytes bytes = Bytes::CopyOf("fits", pool).value();
  const char* data = bytes.data();
  EXPECT_TRUE(bytes.Compact(pool).ok());
  EXPECT_EQ(bytes.data(), data);
  Bytes literal = Bytes::FromStatic("literal");
  data = literal.data();
  EXPECT_TRUE(literal.Compact(pool).ok());
  EXPECT_EQ(literal.data(), data);
}

TEST(BytesTest, CompactThatIsRefusedChangesNothing) {
  BufferPool full({.max_live_bytes = 64});
  const Bytes holder = Bytes::CopyOf("x", full).value();
  Bytes slice = Bytes::CopyOf(std::string(1000, 'y')).value().Slice(0, 3);
  EXPECT_EQ(slice.Compact(full).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(slice, "yyy");
}

TEST(BytesTest, ContentDecidesEqualityOrderAndHash) {
  const Bytes a = Bytes::FromStatic("same");
  const Bytes b = Bytes::CopyOf("same").value();
  EXPECT_EQ(a, b);
  EXPECT_EQ(absl::HashOf(a), absl::HashOf(b));
  EXPECT_EQ(absl::HashOf(a), absl::HashOf(absl::string_view("same")));
  EXPECT_NE(a, Bytes::FromStatic("some"));
  EXPECT_LT(a, Bytes::FromStatic("some"));
  EXPECT_LT(Bytes::FromStatic("sam"), a);
  EXPECT_LT(Bytes::FromStatic("\x7f"), Bytes::FromStatic("\x80"));
  EXPECT_NE(absl::HashOf(a), absl::HashOf(a.Slice(0, 2)));
}

TEST(BytesTest, MovesStealAndSelfAssignmentKeeps) {
  Bytes a = Bytes::CopyOf("content").value();
  Bytes b = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_TRUE(b.unique());
  Bytes& self = b;
  b = self;
  EXPECT_EQ(b, "content");
  b = std::move(self);
  EXPECT_EQ(b, "content");
  EXPECT_TRUE(b.unique());
}

TEST(BytesTest, RandomSlicingAgreesWithStrings) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  BufferPool pool({.max_block_bytes = 1024});
  struct Pair {
    Bytes bytes;
    std::string text;
  };
  std::vector<Pair> pairs;
  for (int step = 0; step < 20'000; ++step) {
    if (pairs.size() < 4) {
      std::string text(random() % 2000, '\0');
      for (char& c : text) c = static_cast<char>(random());
      pairs.push_back({Bytes::CopyOf(text, pool).value(), text});
    }
    std::swap(pairs[random() % pairs.size()], pairs.back());
    Pair& pair = pairs.back();
    const size_t at = random() % (pair.text.size() + 1);
    Pair other;
    switch (random() % 5) {
      case 0:
        other = {pair.bytes.SplitTo(at), pair.text.substr(0, at)};
        pair.text.erase(0, at);
        break;
      case 1:
        other = {pair.bytes.SplitOff(at), pair.text.substr(at)};
        pair.text.resize(at);
        break;
      case 2:
        other = {pair.bytes.Slice(at, (pair.text.size() - at) / 2),
                 pair.text.substr(at, (pair.text.size() - at) / 2)};
        break;
      case 3:
        ASSERT_TRUE(pair.bytes.Compact(pool).ok());
        break;
      default:
        pairs.pop_back();
        continue;
    }
    ASSERT_EQ(pair.bytes, pair.text);
    ASSERT_EQ(other.bytes, other.text);
    if (pairs.size() < 50) pairs.push_back(std::move(other));
  }
  pairs.clear();
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(BytesThreadsTest, SlicesMayBeDroppedByAnyThreadAndTheOwnerGoesOnce) {
  int destroyed = 0;
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    const Bytes whole = Bytes::FromOwner(Witness(std::string(64, 'w'), &destroyed)).value();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([slice = whole.Slice(t, 32)]() mutable {
        for (int i = 0; i < 20; ++i) {
          const Bytes inner = slice.Slice(1, slice.size() - 1);
          ASSERT_EQ(inner.view().front(), 'w');
          slice = inner;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(destroyed, kRounds);
}

TEST(BytesDeathTest, PositionsOutsideAreNamed) {
  Bytes bytes = Bytes::FromStatic("abc");
  EXPECT_DEATH(bytes.Slice(2, 2), "slice of 2 bytes at 2 of 3");
  EXPECT_DEATH(bytes.Slice(4, 0), "slice of 0 bytes at 4 of 3");
  EXPECT_DEATH(bytes.Slice(1, static_cast<size_t>(-1)), "slice of .* bytes at 1 of 3");
  EXPECT_DEATH(bytes.SplitTo(4), "split of bytes");
  EXPECT_DEATH(bytes.SplitOff(4), "split of bytes");
  EXPECT_DEATH(bytes.RemovePrefix(4), "prefix of bytes");
}

}  // namespace
}  // namespace blixard::memory
