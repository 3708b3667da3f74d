// Every operation of the caches with each of its allocations failing in turn; and those that must
// not allocate at all.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "memory_optimization/arc_cache.h"
#include "memory_optimization/arc_cache_weak.h"
#include "memory_optimization/compressed_cache.h"
#include "memory_optimization/expect_allocations.h"
#include "tests/memory_optimization/failure_walk.h"

namespace blixard::memory {
namespace {

using Text = std::string;
const Text kLongKey(40, 'k');  // longer than what an entry holds in place

struct WithCache {
  WithCache() {
    for (int i = 0; i < 7; ++i) cache.Put(std::to_string(i), Text(50, 'v'));
    held = cache.Find("3");
  }
  ArcCache<std::string, Text> cache{{.max_entries = 8}};
  Pinned<Text> held = {};
};

void ExpectBalance(WithCache& state) {
  EXPECT_EQ(*state.held, Text(50, 'v'));
  EXPECT_EQ(state.cache.Stats().pinned, 1u);
  EXPECT_LE(state.cache.Stats().entries, 8u);
  EXPECT_EQ(*state.cache.GetOrCreate("0", [] { return Text(50, 'v'); }).value(), Text(50, 'v'));
}

TEST(ArcCacheFailureTest, LoadingIsRefusedAndTheNextCallLoads) {
  EXPECT_FAILURE_SAFE((FailureWalk<WithCache>{.operation =
                                                  [](WithCache& state) {
                                                    return state.cache.GetOrCreate(
                                                        kLongKey, [] { return Text(100, 'n'); });
                                                  },
                                              .check = &ExpectBalance}));
}

TEST(ArcCacheFailureTest, PutAndReplaceKeepTheOldValueWhenRefused) {
  const auto check = [](WithCache& state) {
    const Text& there = *state.cache.Find("3");
    EXPECT_TRUE(there == Text(50, 'v') || there == Text(60, 'n'));
    ExpectBalance(state);
  };
  EXPECT_FAILURE_SAFE((FailureWalk<WithCache>{
      .operation = [](WithCache& state) { state.cache.Put("3", Text(60, 'n')); }, .check = check}));
  EXPECT_FAILURE_SAFE((FailureWalk<WithCache>{.operation =
                                                  [](WithCache& state) {
                                                    return state.cache.Replace(
                                                        "3", state.cache.Find("3"), Text(60, 'n'));
                                                  },
                                              .check = check}));
}

TEST(ArcCacheFailureTest, GrowingIsRefusedAndNothingIsLost) {
  struct Growing {
    ArcCache<int, int> cache{{.max_entries = 1000}};
  };
  EXPECT_FAILURE_SAFE(
      (FailureWalk<Growing>{.operation =
                                [](Growing& state) {
                                  for (int key = 0; key < 100; ++key) state.cache.Put(key, key);
                                },
                            .check =
                                [](Growing& state) {
                                  const uint64_t entries = state.cache.Stats().entries;
                                  for (int key = 0; key < static_cast<int>(entries); ++key) {
                                    EXPECT_EQ(*state.cache.Find(key), key);
                                  }
                                },
                            .most_allocations = 1'000}));
}

TEST(ArcCacheFailureTest, RemovingAllocatesNothing) {
  WithCache state;
  EXPECT_ALLOCATIONS(0, {
    EXPECT_TRUE(state.cache.Invalidate("1"));
    state.cache.Clear();
    state.cache.Trim();
    state.held.Reset();
    state.cache.Trim();
  });
}

TEST(ArcCacheFailureTest, AHitAllocatesNothingHoweverItsKeyLooks) {
  ArcCache<std::string, Text> cache({.max_entries = 8});
  cache.Put(kLongKey, "long");
  cache.Put("short", "short");
  EXPECT_TRUE(cache.Find(kLongKey));  // the thread's first visit makes its slots
  const absl::string_view view = kLongKey;
  EXPECT_ALLOCATIONS(0, {
    EXPECT_TRUE(cache.Find(view));
    EXPECT_TRUE(cache.Find("short"));
    EXPECT_TRUE(cache.GetOrCreate(view, [] { return Text(); }).ok());
    EXPECT_EQ(*cache.Find("short").Share(), "short");
    EXPECT_FALSE(cache.Find("absent"));
  });
  std::vector<Pinned<Text>> held;
  for (int i = 0; i < 40; ++i) held.push_back(cache.Find("short"));
  EXPECT_ALLOCATIONS(0, {
    EXPECT_TRUE(cache.GetOrCreate(view, [] { return Text(); }).ok());  // without a slot
    EXPECT_TRUE(held[39].Copy());
  });
}

TEST(ArcCacheFailureTest, WeakLoadingIsRefusedAndTheNextCallLoads) {
  struct WithWeakCache {
    WeakCache<std::string, Text> cache = WeakCache<std::string, Text>();
    std::shared_ptr<const Text> held = *cache.GetOrCreate("held", [] { return Text(50, 'v'); });
  };
  EXPECT_FAILURE_SAFE((FailureWalk<WithWeakCache>{
      .operation =
          [](WithWeakCache& state) {
            return state.cache.GetOrCreate(kLongKey, [] { return Text(100, 'n'); });
          },
      .check = [](WithWeakCache& state) { EXPECT_EQ(state.cache.Find("held"), state.held); }}));
}

TEST(CompressedCacheFailureTest, EveryOperationIsRefusedAndNothingIsLost) {
  struct WithCompressed {
    WithCompressed() { EXPECT_TRUE(cache.Put("there", text).ok()); }
    const Text text = Text(20'000, 't');
    CompressedCache cache = CompressedCache({.hot_after_reads = 2});
    Text scratch = {};
  };
  const auto check = [](WithCompressed& state) {
    Text scratch;
    EXPECT_EQ(**state.cache.Read("there", scratch), state.text);
    EXPECT_EQ(state.cache.Stats().cache.pinned, 0u);
  };
  for (const bool c_malloc : {false, true}) {
    EXPECT_FAILURE_SAFE((FailureWalk<WithCompressed>{
        .operation = [](WithCompressed& state) { return state.cache.Put("new", Text(9'000, 'n')); },
        .check = check,
        .c_malloc = c_malloc}));
    EXPECT_FAILURE_SAFE((FailureWalk<WithCompressed>{
        .operation =
            [](WithCompressed& state) {
              const auto first = state.cache.Read("there", state.scratch);
              return first.ok() ? state.cache.Read("there", state.scratch) : first;
            },
        .check = check,
        .c_malloc = c_malloc}));
    EXPECT_FAILURE_SAFE((FailureWalk<WithCompressed>{
        .operation =
            [](WithCompressed& state) {
              return state.cache.GetOrCreate(
                  "new", [] { return Text(9'000, 'n'); }, state.scratch);
            },
        .check = check,
        .c_malloc = c_malloc}));
  }
}

}  // namespace
}  // namespace blixard::memory
