#include "memory_optimization/typed_arena.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace blixard::memory {
namespace {

struct Witness {
  Witness(int witness_id, std::vector<int>& witness_log) : id(witness_id), log(witness_log) {}
  ~Witness() { log.push_back(id); }
  int id;
  std::vector<int>& log;
  std::string heap = std::string(100, 'x');
};

TEST(TypedArenaTest, DestroysInReverseOrderOnReset) {
  std::vector<int> log;
  TypedArena<Witness> arena;
  for (int i = 0; i < 5; ++i) ASSERT_NE(arena.TryNew(i, log), nullptr);
  EXPECT_EQ(arena.size(), 5u);
  EXPECT_TRUE(log.empty());
  arena.Reset();
  EXPECT_EQ(log, (std::vector<int>{4, 3, 2, 1, 0}));
  EXPECT_EQ(arena.size(), 0u);
  arena.Reset();
  EXPECT_EQ(log.size(), 5u) << "nothing is destroyed twice";
}

TEST(TypedArenaTest, DestroysOnDestruction) {
  std::vector<int> log;
  {
    TypedArena<Witness> arena({.block_bytes = 64});
    for (int i = 0; i < 100; ++i) ASSERT_NE(arena.TryNew(i, log), nullptr);
  }
  ASSERT_EQ(log.size(), 100u);
  EXPECT_EQ(log.front(), 99);
  EXPECT_EQ(log.back(), 0);
}

TEST(TypedArenaTest, ObjectsKeepTheirAddresses) {
  TypedArena<std::string> arena({.block_bytes = 128});
  std::vector<std::string*> places;
  for (int i = 0; i < 1000; ++i) places.push_back(arena.TryNew(std::to_string(i)));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(*places[static_cast<size_t>(i)], std::to_string(i));
}

TEST(TypedArenaTest, TriviallyDestructibleTypesCostNoByteMore) {
  using Plain = std::array<char, 24>;
  TypedArena<Plain> typed;
  Arena bare;
  for (int i = 0; i < 10; ++i) {
    ASSERT_NE(typed.TryNew(), nullptr);
    ASSERT_NE(bare.TryNew<Plain>(), nullptr);
  }
  EXPECT_EQ(typed.arena().Stats().used_bytes, bare.Stats().used_bytes);
  EXPECT_EQ(typed.size(), 10u);
}

TEST(TypedArenaTest, RefusedObjectIsNeverBuilt) {
  std::vector<int> log;
  TypedArena<Witness> arena({.name = "witnesses", .block_bytes = 256, .max_bytes = 1024});
  int built = 0;
  while (arena.TryNew(built, log) != nullptr) ++built;
  EXPECT_GT(built, 5);
  EXPECT_EQ(arena.arena().Refusal(sizeof(Witness)).code(), absl::StatusCode::kResourceExhausted);
  arena.Reset();
  EXPECT_EQ(log.size(), static_cast<size_t>(built));
}

struct Thrower {
  explicit Thrower(bool is_bad) {
    if (is_bad) throw std::runtime_error("bad");
  }
  ~Thrower() { ++destroyed; }
  static inline int destroyed = 0;
};

TEST(TypedArenaTest, ObjectWhoseConstructorThrowsIsNotDestroyed) {
  Thrower::destroyed = 0;
  TypedArena<Thrower> arena;
  ASSERT_NE(arena.TryNew(false), nullptr);
  EXPECT_THROW(arena.TryNew(true), std::runtime_error);
  ASSERT_NE(arena.TryNew(false), nullptr);
  EXPECT_EQ(arena.size(), 2u);
  arena.Reset();
  EXPECT_EQ(Thrower::destroyed, 2);
}

struct Tree {
  Tree(TypedArena<Tree>& arena, int depth, std::vector<int>& tree_log)
      : level(depth), log(tree_log) {
    if (depth > 0) child = arena.TryNew(arena, depth - 1, tree_log);
  }
  ~Tree() {
    EXPECT_EQ(child == nullptr ? -1 : child->level, level - 1) << "the child is still alive";
    log.push_back(level);
  }
  int level;
  std::vector<int>& log;
  Tree* child = nullptr;
};

TEST(TypedArenaTest, ConstructorsMayBuildChildrenInTheSameArena) {
  std::vector<int> log;
  TypedArena<Tree> arena;
  ASSERT_NE(arena.TryNew(arena, 3, log), nullptr);
  EXPECT_EQ(arena.size(), 4u);
  arena.Reset();
  EXPECT_EQ(log, (std::vector<int>{3, 2, 1, 0}));
}

struct Phoenix {
  Phoenix(TypedArena<Phoenix>& phoenix_arena, int remaining)
      : arena(phoenix_arena), lives(remaining) {}
  ~Phoenix() {
    ++died;
    if (lives > 0) arena.TryNew(arena, lives - 1);
  }
  TypedArena<Phoenix>& arena;
  int lives;
  static inline int died = 0;
};

TEST(TypedArenaTest, ObjectsBuiltByDestructorsAreDestroyedToo) {
  TypedArena<Phoenix> arena;
  ASSERT_NE(arena.TryNew(arena, 4), nullptr);
  arena.Reset();
  EXPECT_EQ(Phoenix::died, 5);
  EXPECT_EQ(arena.size(), 0u);
}

}  // namespace
}  // namespace blixard::memory
