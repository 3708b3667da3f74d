#include "memory_optimization/arena.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "memory_optimization/arena_poison.h"

namespace blixard::memory {
namespace {

uintptr_t Address(const void* place) { return reinterpret_cast<uintptr_t>(place); }

TEST(ArenaTest, TakesNoMemoryBeforeTheFirstAllocation) {
  const Arena arena;
  EXPECT_EQ(arena.Stats().held_bytes, 0u);
  EXPECT_EQ(arena.Stats().blocks, 0u);
}

TEST(ArenaTest, EveryAlignmentIsKept) {
  Arena arena({.block_bytes = 256});
  for (size_t alignment = 1; alignment <= 8192; alignment *= 2) {
    ASSERT_NE(arena.TryAllocate(1, 1), nullptr);  // puts the cursor at an odd place
    void* const place = arena.TryAllocate(3, alignment);
    ASSERT_NE(place, nullptr);
    EXPECT_EQ(Address(place) % alignment, 0u) << alignment;
    std::memset(place, 0xff, 3);
  }
}

TEST(ArenaTest, DefaultAlignmentIsOperatorNews) {
  Arena arena;
  ASSERT_NE(arena.TryAllocate(1, 1), nullptr);
  EXPECT_EQ(Address(arena.TryAllocate(1)) % alignof(std::max_align_t), 0u);
}

TEST(ArenaTest, ZeroBytesGetAnAddressOfTheirOwn) {
  Arena arena;
  void* const first = arena.TryAllocate(0, 1);
  void* const second = arena.TryAllocate(0, 1);
  EXPECT_NE(first, nullptr);
  EXPECT_NE(second, nullptr);
  EXPECT_NE(first, second);
}

TEST(ArenaTest, TextsArePackedWithoutPadding) {
  if (internal::kPoisonsArenas) GTEST_SKIP() << "the address sanitizer's grains are padding";
  Arena arena;
  for (int i = 0; i < 10; ++i) ASSERT_NE(arena.TryAllocate(7, 1), nullptr);
  EXPECT_EQ(arena.Stats().used_bytes, 70u);
}

// Every allocation is filled with its own byte; none may ever show another's. Random sizes,
// alignments, resets and rollbacks.
TEST(ArenaTest, AllocationsNeverOverlap) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  struct Piece {
    unsigned char* begin;
    size_t bytes;
    unsigned char mark;
  };
  Arena arena({.block_bytes = 128, .max_block_bytes = 4096, .max_retained_bytes = 8192});
  for (int round = 0; round < 200; ++round) {
    std::vector<Piece> pieces;
    std::vector<std::pair<Arena::Checkpoint, size_t>> marks;
    for (int step = 0; step < 100; ++step) {
      const uint64_t dice = random() % 20;
      if (dice == 0) marks.emplace_back(arena.Mark(), pieces.size());
      if (dice == 1 && !marks.empty()) {
        arena.Rollback(marks.back().first);
        pieces.resize(marks.back().second);
        marks.pop_back();
      }
      const size_t bytes = random() % (dice == 2 ? 10'000 : 100);
      auto* const begin =
          static_cast<unsigned char*>(arena.TryAllocate(bytes, size_t{1} << random() % 9));
      ASSERT_NE(begin, nullptr);
      const auto mark = static_cast<unsigned char>(random());
      std::memset(begin, mark, bytes);
      pieces.push_back({begin, bytes, mark});
    }
    for (const Piece& piece : pieces) {
      for (size_t i = 0; i < piece.bytes; ++i) ASSERT_EQ(piece.begin[i], piece.mark);
    }
    arena.Reset();
  }
}

TEST(ArenaTest, ResetKeepsTheMemoryForTheNextRequest) {
  Arena arena({.block_bytes = 1024});
  const auto request = [&arena] {
    for (int i = 0; i < 500; ++i) ASSERT_NE(arena.TryAllocate(static_cast<size_t>(i)), nullptr);
  };
  request();
  const ArenaStats first = arena.Stats();
  for (int i = 0; i < 10; ++i) {
    arena.Reset();
    EXPECT_EQ(arena.Stats().used_bytes, 0u);
    request();
  }
  EXPECT_EQ(arena.Stats().held_bytes, first.held_bytes);
  EXPECT_EQ(arena.Stats().blocks, first.blocks);
  EXPECT_EQ(arena.Stats().peak_used_bytes, first.used_bytes);
  EXPECT_EQ(arena.Stats().resets, 10u);
}

TEST(ArenaTest, ResetKeepsNoMoreThanItMay) {
  Arena arena({.block_bytes = 1024, .max_retained_bytes = 10'000});
  ASSERT_NE(arena.TryAllocate(100), nullptr);
  ASSERT_NE(arena.TryAllocate(50'000'000), nullptr);  // one huge request ...
  ASSERT_NE(arena.TryAllocate(2000), nullptr);
  EXPECT_GT(arena.Stats().held_bytes, 50'000'000u);
  arena.Reset();  // ... pins nothing, and does not crowd out the small blocks
  EXPECT_LE(arena.Stats().held_bytes, 10'000u);
  EXPECT_GT(arena.Stats().held_bytes, 0u);
}

TEST(ArenaTest, ResetMayKeepNothing) {
  Arena arena({.max_retained_bytes = 0});
  ASSERT_NE(arena.TryAllocate(100), nullptr);
  arena.Reset();
  EXPECT_EQ(arena.Stats().held_bytes, 0u);
  EXPECT_NE(arena.TryAllocate(100), nullptr);
}

TEST(ArenaTest, BlocksGrowUpToTheirBound) {
  Arena arena({.block_bytes = 1024, .max_block_bytes = 4096, .max_retained_bytes = SIZE_MAX});
  std::map<size_t, int> grown_by;
  for (size_t held = 0; grown_by.size() < 3 || grown_by[4096] < 3;) {
    ASSERT_NE(arena.TryAllocate(64), nullptr);
    const size_t now = arena.Stats().held_bytes;
    if (now != held) ++grown_by[now - held];
    held = now;
  }
  EXPECT_EQ(grown_by, (std::map<size_t, int>{{1024, 1}, {2048, 1}, {4096, 3}}));
}

TEST(ArenaTest, OversizeRequestGetsABlockOfItsSize) {
  Arena arena({.block_bytes = 1024, .max_block_bytes = 1024});
  ASSERT_NE(arena.TryAllocate(100'000), nullptr);
  EXPECT_LT(arena.Stats().held_bytes, 101'000u);
}

TEST(ArenaTest, RetainedBlockThatFitsIsFoundBehindOthersThatDoNot) {
  Arena arena({.block_bytes = 256, .max_block_bytes = 256});
  for (const size_t bytes : {100, 100, 100, 5000}) ASSERT_NE(arena.TryAllocate(bytes), nullptr);
  arena.Reset();
  const size_t held_bytes = arena.Stats().held_bytes;
  ASSERT_NE(arena.TryAllocate(5000), nullptr);
  ASSERT_NE(arena.TryAllocate(100), nullptr);
  EXPECT_EQ(arena.Stats().held_bytes, held_bytes);
}

TEST(ArenaTest, LimitIsKeptAndTheErrorNamesIt) {
  Arena arena({.name = "requests", .block_bytes = 1024, .max_bytes = 8192});
  size_t got_bytes = 0;
  while (arena.TryAllocate(100) != nullptr) got_bytes += 100;
  EXPECT_LE(arena.Stats().held_bytes, 8192u);
  EXPECT_GE(got_bytes, 6000u);  // the last block shrinks to what the limit leaves
  EXPECT_EQ(arena.Stats().refused, 1u);
  const absl::Status refusal = arena.Refusal(100);
  EXPECT_EQ(refusal.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(refusal.message()),
            "arena \"requests\": want 100 bytes more, got none: 8192 bytes held, max_bytes 8192");
  arena.Reset();
  EXPECT_NE(arena.TryAllocate(100), nullptr);
}

TEST(ArenaTest, RetainedBlocksThatAreTooSmallMakeWayBeforeALargeRequestIsRefused) {
  Arena arena({.block_bytes = 1024, .max_block_bytes = 1024, .max_bytes = 8192});
  while (arena.TryAllocate(500) != nullptr) {
  }
  arena.Reset();
  ASSERT_GT(arena.Stats().held_bytes, 7000u);
  EXPECT_NE(arena.TryAllocate(8000), nullptr);
  EXPECT_EQ(arena.TryAllocate(8000), nullptr);
}

TEST(ArenaTest, SizesThatOverflowAreRefused) {
  Arena arena;
  ASSERT_NE(arena.TryAllocate(1), nullptr);
  const ArenaStats before = arena.Stats();
  for (const size_t bytes : {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 64, SIZE_MAX / 2 + 1}) {
    EXPECT_EQ(arena.TryAllocate(bytes), nullptr) << bytes;
    EXPECT_EQ(arena.TryAllocate(bytes, 4096), nullptr) << bytes;
  }
  EXPECT_EQ(arena.TryNewArray<uint64_t>(SIZE_MAX / 8 + 1), nullptr);
  EXPECT_EQ(arena.TryNewArray<uint64_t>(SIZE_MAX / 4), nullptr);
  EXPECT_EQ(arena.Stats().refused, 10u);
  EXPECT_EQ(arena.Stats().held_bytes, before.held_bytes);
  EXPECT_EQ(arena.Stats().used_bytes, before.used_bytes);
}

TEST(ArenaTest, BuildsObjectsArraysAndTexts) {
  struct Point {
    int x = 0;
    int y = 0;
  };
  Arena arena;
  const Point* const point = arena.TryNew<Point>(3, 4);
  ASSERT_NE(point, nullptr);
  EXPECT_EQ(point->y, 4);
  const int* const zeros = arena.TryNewArray<int>(1000);
  ASSERT_NE(zeros, nullptr);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(zeros[i], 0);
  std::string text = "rack-17";
  const std::optional<std::string_view> copy = arena.TryCopy(text);
  text = "gone";
  EXPECT_EQ(copy, "rack-17");
  EXPECT_EQ(arena.TryCopy(""), "");
}

TEST(ArenaTest, TextThatDoesNotFitIsRefused) {
  Arena arena({.block_bytes = 64, .max_bytes = 128});
  EXPECT_EQ(arena.TryCopy(std::string(1000, 'x')), std::nullopt);
  using Large = std::array<char, 1000>;
  EXPECT_EQ(arena.TryNew<Large>(), nullptr);
  EXPECT_NE(arena.TryNew<int>(7), nullptr) << "what fits is still served";
}

TEST(ArenaTest, RollbackFreesWhatCameSinceAndNothingElse) {
  Arena arena({.block_bytes = 256});
  int* const kept = arena.TryNew<int>(7);
  const ArenaStats before = arena.Stats();
  const Arena::Checkpoint checkpoint = arena.Mark();
  void* const first = arena.TryAllocate(40);
  for (int i = 0; i < 100; ++i) ASSERT_NE(arena.TryAllocate(100), nullptr);
  arena.Rollback(checkpoint);
  EXPECT_EQ(*kept, 7);
  EXPECT_EQ(arena.Stats().used_bytes, before.used_bytes);
  EXPECT_GT(arena.Stats().peak_used_bytes, 10'000u);
  EXPECT_EQ(arena.TryAllocate(40), first);
}

TEST(ArenaTest, ScopesNest) {
  Arena arena;
  ASSERT_NE(arena.TryAllocate(10), nullptr);
  const size_t outside = arena.Stats().used_bytes;
  {
    const ArenaScope outer(arena);
    ASSERT_NE(arena.TryAllocate(10), nullptr);
    const size_t inside = arena.Stats().used_bytes;
    {
      const ArenaScope inner(arena);
      ASSERT_NE(arena.TryAllocate(100'000), nullptr);
    }
    EXPECT_EQ(arena.Stats().used_bytes, inside);
  }
  EXPECT_EQ(arena.Stats().used_bytes, outside);
}

TEST(ArenaTest, RollbackToTheEmptyArenaIsPossible) {
  Arena arena;
  const Arena::Checkpoint empty = arena.Mark();
  ASSERT_NE(arena.TryAllocate(10), nullptr);
  arena.Rollback(empty);
  EXPECT_EQ(arena.Stats().used_bytes, 0u);
  EXPECT_NE(arena.TryAllocate(10), nullptr);
}

TEST(ArenaDeathTest, StaleCheckpointsAreFound) {
  Arena arena({.name = "requests", .block_bytes = 256});
  Arena other;
  const Arena::Checkpoint outer = arena.Mark();
  ASSERT_NE(arena.TryAllocate(100), nullptr);
  const Arena::Checkpoint inner = arena.Mark();
  EXPECT_DEATH(other.Rollback(outer), "rollback to a checkpoint of another arena");
  arena.Rollback(outer);
  EXPECT_DEATH(arena.Rollback(inner),
               "\"requests\": rollback to a checkpoint that was rolled back");
  arena.Reset();
  EXPECT_DEATH(arena.Rollback(outer), "rollback to a checkpoint from before a reset");
}

TEST(ArenaDeathTest, OptionsAreChecked) {
  EXPECT_DEATH(Arena({.name = "requests", .block_bytes = 0}), "\"requests\": block_bytes");
  EXPECT_DEATH(Arena({.block_bytes = 2, .max_block_bytes = 1}), "beyond max_block_bytes");
}

TEST(ArenaTest, HugePagesServeAsAnyOther) {
  constexpr size_t kHuge = size_t{2} << 20;
  Arena arena({.max_bytes = 4 * kHuge, .max_retained_bytes = kHuge, .pages = ArenaPages::kHuge});
  for (int round = 0; round < 3; ++round) {
    auto* const large = static_cast<char*>(arena.TryAllocate(kHuge));
    auto* const small = static_cast<char*>(arena.TryAllocate(100));
    ASSERT_NE(large, nullptr);
    ASSERT_NE(small, nullptr);
    std::memset(large, 1, kHuge);
    std::memset(small, 2, 100);
    EXPECT_EQ(large[kHuge - 1], 1);
    EXPECT_EQ(arena.TryAllocate(2 * kHuge), nullptr);
    EXPECT_EQ(arena.Stats().held_bytes % kHuge, 0u);
    arena.Reset();
    EXPECT_LE(arena.Stats().held_bytes, kHuge);
  }
}

#ifdef BLIXARD_ADDRESS_SANITIZER
TEST(ArenaDeathTest, SanitizerSeesUseAfterReset) {
  Arena arena;
  volatile int* const number = arena.TryNew<int>(7);
  arena.Reset();
  EXPECT_DEATH(static_cast<void>(*number), "use-after-poison");
}

TEST(ArenaDeathTest, SanitizerSeesUseAfterRollback) {
  Arena arena;
  const Arena::Checkpoint checkpoint = arena.Mark();
  volatile int* const number = arena.TryNew<int>(7);
  arena.Rollback(checkpoint);
  EXPECT_DEATH(*number = 8, "use-after-poison");
}

TEST(ArenaDeathTest, SanitizerSeesRunningOverTheEnd) {
  Arena arena;
  ASSERT_NE(arena.TryAllocate(100), nullptr);
  volatile char* const bytes = static_cast<volatile char*>(arena.TryAllocate(13));
  bytes[12] = 'x';
  EXPECT_DEATH(bytes[13] = 'x', "use-after-poison");
  EXPECT_DEATH(bytes[16] = 'x', "use-after-poison");
  EXPECT_DEATH(bytes[-1] = 'x', "use-after-poison");
}
#endif

}  // namespace
}  // namespace blixard::memory
