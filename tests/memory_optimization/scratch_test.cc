#include "memory_optimization/scratch.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace blixard::memory {
namespace {

using Text = Scratch<std::string>;

TEST(ScratchTest, StartsEmptyWithTheCapacityLeftBehind) {
  const void* place = nullptr;
  {
    const Text text;
    text->assign(1000, 'x');
    place = text->data();
  }
  const Text text;
  EXPECT_TRUE(text->empty());
  EXPECT_GE(text->capacity(), 1000u);
  EXPECT_EQ(text->data(), place);
}

TEST(ScratchTest, NestedBorrowersGetDifferentOnes) {
  const Text outer;
  *outer = "outer";
  {
    const Text inner;
    EXPECT_TRUE(inner->empty());
    EXPECT_NE(&*inner, &*outer);
    *inner = "inner";
  }
  EXPECT_EQ(*outer, "outer");
}

TEST(ScratchTest, TypesDoNotShare) {
  const Scratch<std::vector<int>> numbers;
  const Text text;
  numbers->assign(10, 7);
  EXPECT_TRUE(text->empty());
}

TEST(ScratchTest, WhatGrewBeyondTheCapIsFreed) {
  Text::DropIdle();
  { Text()->resize(kMaxScratchBytes + 1); }
  EXPECT_LE(Text()->capacity(), 100u);
  { Scratch<std::vector<int>>()->reserve(kMaxScratchBytes / sizeof(int)); }
  EXPECT_EQ(Scratch<std::vector<int>>()->capacity(), kMaxScratchBytes / sizeof(int))
      << "at the cap";
}

void Recurse(size_t depth) {
  const Text text;
  text->assign(100 + depth, 'x');
  if (depth > 0) Recurse(depth - 1);
  EXPECT_EQ(text->size(), 100 + depth);
}

TEST(ScratchTest, DeepNestingWorksAndKeepsNoMoreThanItMay) {
  Recurse(5 * kMaxIdleScratch);
  std::vector<std::unique_ptr<Text>> all;
  size_t with_capacity = 0;
  for (size_t i = 0; i < 3 * kMaxIdleScratch; ++i) {
    all.push_back(std::make_unique<Text>());
    with_capacity += (**all.back()).capacity() >= 100 ? 1u : 0u;
  }
  EXPECT_EQ(with_capacity, kMaxIdleScratch);
}

// Frees count: a container type that knows how many of it are alive.
struct Counted : std::vector<char> {
  Counted() { ++alive; }
  ~Counted() { --alive; }
  static inline std::atomic<int> alive = 0;
};

TEST(ScratchTest, ThreadExitFreesWhatTheThreadKept) {
  for (int i = 0; i < 100; ++i) {
    std::thread([] {
      const Scratch<Counted> first;
      const Scratch<Counted> second;
    }).join();
  }
  EXPECT_EQ(Counted::alive, 0);
}

struct UsesScratchAtThreadExit {
  ~UsesScratchAtThreadExit() {
    const Scratch<Counted> late;
    late->assign(10, 'x');
  }
};

TEST(ScratchTest, IsSafeInDestructorsOfThreadLocals) {
  std::thread([] {
    static thread_local UsesScratchAtThreadExit user;
    static_cast<void>(&user);
    const Scratch<Counted> early;
  }).join();
  EXPECT_EQ(Counted::alive, 0);
}

TEST(ScratchTest, IsSafeInDestructorsOfKeysThatRunAfterTheJanitor) {
  pthread_key_t key;
  { const Scratch<Counted> janitor_first; }
  Scratch<Counted>::DropIdle();
  ASSERT_EQ(pthread_key_create(&key, [](void*) { const Scratch<Counted> late; }), 0);
  std::thread([key] {
    { const Scratch<Counted> early; }
    pthread_setspecific(key, &key);
  }).join();
  EXPECT_EQ(Counted::alive, 0);
  pthread_key_delete(key);
}

struct UsesScratchAtProcessExit {
  ~UsesScratchAtProcessExit() {
    const Text late;
    late->assign(1000, 'x');
    if (late->size() == 1000 && is_armed) std::_Exit(42);
  }
  bool is_armed = false;
};
UsesScratchAtProcessExit at_exit;

TEST(ScratchDeathTest, IsSafeInStaticDestruction) {
  EXPECT_EXIT(
      {
        { const Text early; }
        at_exit.is_armed = true;
        std::exit(0);
      },
      testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace blixard::memory
