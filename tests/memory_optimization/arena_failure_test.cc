// Every operation of the arenas and containers with each of its allocations failing in turn.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "memory_optimization/arena.h"
#include "memory_optimization/arena_resource.h"
#include "memory_optimization/array_vec.h"
#include "memory_optimization/chunk_reader.h"
#include "memory_optimization/expect_allocations.h"
#include "memory_optimization/flat_map.h"
#include "memory_optimization/mapped_file.h"
#include "memory_optimization/scratch.h"
#include "memory_optimization/slab.h"
#include "memory_optimization/small_vec.h"
#include "memory_optimization/stable_list.h"
#include "memory_optimization/typed_arena.h"
#include "tests/memory_optimization/failure_walk.h"

namespace blixard::memory {
namespace {

ArenaOptions SmallBlocks() { return {.block_bytes = 128, .max_block_bytes = 512}; }

struct WithArena {
  Arena arena{SmallBlocks()};
  int* first = arena.TryNew<int>(7);
};

void ExpectFirstIsIntact(WithArena& state) {
  EXPECT_EQ(*state.first, 7);
  EXPECT_LE(state.arena.Stats().used_bytes, state.arena.Stats().held_bytes);
}

TEST(ArenaFailureTest, AllocatingIsRefusedAndNothingElseHappens) {
  EXPECT_FAILURE_SAFE((FailureWalk<WithArena>{
      .operation = [](WithArena& state) { return state.arena.TryAllocate(1000); },
      .check = &ExpectFirstIsIntact}));
  EXPECT_FAILURE_SAFE((FailureWalk<WithArena>{
      .operation = [](WithArena& state) { return state.arena.TryNewArray<int>(300); },
      .check = &ExpectFirstIsIntact}));
  EXPECT_FAILURE_SAFE((FailureWalk<WithArena>{
      .operation = [](WithArena& state) { return state.arena.TryAllocate(10, 1024); },
      .check = &ExpectFirstIsIntact}));
}

TEST(ArenaFailureTest, ResetAndRollbackAllocateNothing) {
  Arena arena(SmallBlocks());
  ASSERT_NE(arena.TryAllocate(5000), nullptr);
  EXPECT_ALLOCATIONS(0, {
    const Arena::Checkpoint checkpoint = arena.Mark();
    EXPECT_NE(arena.TryAllocate(1), nullptr);
    arena.Rollback(checkpoint);
    arena.Reset();
    EXPECT_NE(arena.TryAllocate(5000), nullptr);
  });
}

TEST(ArenaFailureTest, SteadyRequestsAllocateNothing) {
  TypedArena<std::vector<int>> arena(SmallBlocks());
  Arena bytes(SmallBlocks());
  const auto request = [&] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_NE(arena.TryNew(), nullptr);
      EXPECT_NE(bytes.TryAllocate(static_cast<size_t>(i) * 20), nullptr);
    }
    arena.Reset();
    bytes.Reset();
  };
  request();
  EXPECT_ALLOCATIONS(0, { request(); });
}

struct WithResource {
  Arena arena{SmallBlocks()};
  ArenaResource resource{arena};
  std::pmr::vector<std::pmr::string> names{&resource};
};

TEST(ArenaFailureTest, ContainersOverTheResourceKeepTheirContent) {
  EXPECT_FAILURE_SAFE((FailureWalk<WithResource>{
      .setup =
          [] {
            auto state = std::make_unique<WithResource>();
            state->names.emplace_back("first");
            return state;
          },
      .operation = [](WithResource& state) { state.names.emplace_back(2000, 'x'); },
      .check = [](WithResource& state) { EXPECT_EQ(state.names.front(), "first"); }}));
}

struct Noted {
  explicit Noted(int& noted_alive) : alive(noted_alive), heap(100, 'x') { ++alive; }
  ~Noted() { --alive; }
  int& alive;
  std::string heap;
};

struct WithTypedArena {
  int alive = 0;
  TypedArena<Noted> arena{SmallBlocks()};
};

TEST(ArenaFailureTest, TypedArenaKeepsExactlyWhatWasBuilt) {
  EXPECT_FAILURE_SAFE((FailureWalk<WithTypedArena>{
      .operation = [](WithTypedArena& state) { return state.arena.TryNew(state.alive); },
      .check =
          [](WithTypedArena& state) {
            EXPECT_EQ(state.arena.size(), static_cast<size_t>(state.alive));
          }}));
}

struct WithSlab {
  int alive = 0;
  Slab<Noted> slab{1000};
};

TEST(ArenaFailureTest, SlabIsAsBefore) {
  EXPECT_FAILURE_SAFE((FailureWalk<WithSlab>{
      .operation = [](WithSlab& state) { return state.slab.TryEmplace(state.alive); },
      .check =
          [](WithSlab& state) {
            EXPECT_EQ(state.slab.size(), static_cast<size_t>(state.alive));
            size_t visited = 0;
            state.slab.ForEach([&visited](Slab<Noted>::Key, Noted&) { ++visited; });
            EXPECT_EQ(visited, state.slab.size());
          }}));
}

TEST(ArenaFailureTest, SlabInSteadyUseAllocatesNothing) {
  Slab<int> slab(10);
  slab.Erase(*slab.TryEmplace(1));
  EXPECT_ALLOCATIONS(0, {
    for (int i = 0; i < 100; ++i) slab.Erase(*slab.TryEmplace(i));
  });
}

struct EmptyShelf {
  EmptyShelf() { Scratch<std::string>::DropIdle(); }
  ~EmptyShelf() { Scratch<std::string>::DropIdle(); }
};

TEST(ArenaFailureTest, ScratchIsBorrowedOrNot) {
  const auto borrow_two = [](EmptyShelf&) {
    const Scratch<std::string> outer;
    const Scratch<std::string> inner;
    inner->assign(1000, 'x');
  };
  EXPECT_FAILURE_SAFE((FailureWalk<EmptyShelf>{.operation = borrow_two}));
  EXPECT_FAILURE_SAFE((FailureWalk<EmptyShelf>{.operation = borrow_two, .c_malloc = true}));
}

TEST(ArenaFailureTest, ScratchInSteadyUseAllocatesNothing) {
  const auto borrow = [] { Scratch<std::string>()->assign(1000, 'x'); };
  borrow();
  EXPECT_ALLOCATIONS(0, { borrow(); });
}

struct WithContainers {
  SmallVec<std::string, 1> small = {"first"};
  ArrayVec<std::string, 3> array = {"first"};
  StableList<std::string> list = {"first"};
};

void ExpectFirstIsThere(WithContainers& state) {
  EXPECT_EQ(state.small.front(), "first");
  EXPECT_EQ(state.array.front(), "first");
  EXPECT_EQ(state.list.front(), "first");
}

TEST(ArenaFailureTest, LibraryContainersKeepTheStrongGuaranteeWeRelyOn) {
  const std::string text(100, 'x');
  EXPECT_FAILURE_SAFE((FailureWalk<WithContainers>{
      .operation = [&text](WithContainers& state) { state.small.push_back(text); },
      .check = &ExpectFirstIsThere}));
  EXPECT_FAILURE_SAFE((FailureWalk<WithContainers>{
      .operation = [&text](WithContainers& state) { return state.array.TryPush(text); },
      .check = &ExpectFirstIsThere}));
  EXPECT_FAILURE_SAFE((FailureWalk<WithContainers>{
      .operation = [&text](WithContainers& state) { state.list.push_back(text); },
      .check = &ExpectFirstIsThere}));
}

struct WithMap {
  FlatMap<std::string, int> map;
  int size = 0;
};

std::unique_ptr<WithMap> MapOf(int size) {
  auto state = std::make_unique<WithMap>();
  state->size = size;
  for (int i = 0; i < 2 * size; ++i) state->map[std::to_string(i)] = i;
  for (int i = 0; i < size; ++i) state->map.erase(std::to_string(i));
  return state;
}

void ExpectMapIsWhole(WithMap& state) {
  for (int i = state.size; i < 2 * state.size; ++i) {
    EXPECT_TRUE(state.map.contains(std::to_string(i))) << i;
  }
  EXPECT_LE(state.map.size(), static_cast<size_t>(state.size) + 1);
}

// Abseil's own tables are broken after a failed growth.
TEST(ArenaFailureTest, FlatMapOfAnySizeIsAsBefore) {
  const std::string text(100, 'x');
  for (int size = 0; size < 130; ++size) {
    SCOPED_TRACE(size);
    const auto setup = [size] { return MapOf(size); };
    EXPECT_FAILURE_SAFE((FailureWalk<WithMap>{
        .setup = setup,
        .operation = [&text](WithMap& state) { state.map.try_emplace(text, 2); },
        .check = &ExpectMapIsWhole}));
    EXPECT_FAILURE_SAFE(
        (FailureWalk<WithMap>{.setup = setup,
                              .operation = [&text](WithMap& state) { state.map.emplace(text, 2); },
                              .check = &ExpectMapIsWhole}));
    EXPECT_FAILURE_SAFE(
        (FailureWalk<WithMap>{.setup = setup,
                              .operation = [](WithMap& state) { const auto copy = state.map; },
                              .check = &ExpectMapIsWhole}));
    EXPECT_FAILURE_SAFE(
        (FailureWalk<WithMap>{.setup = setup,
                              .operation = [](WithMap& state) { state.map.reserve(1000); },
                              .check = &ExpectMapIsWhole}));
  }
}

TEST(ArenaFailureTest, ReservedFlatMapAllocatesNothingWhateverIsErasedInBetween) {
  FlatMap<int, int> map;
  map.reserve(1000);
  EXPECT_ALLOCATIONS(0, {
    for (int i = 0; i < 100'000; ++i) {
      map[i] = i;
      if (i >= 999) map.erase(i - 999);
    }
  });
}

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

struct WithFile {
  WithFile() : path(testing::TempDir() + "/a_file_with_a_name_too_long_to_be_stored_in_place") {
    std::ofstream(path) << "one\ntwo\n";
  }
  const std::string path;
  const size_t descriptors = OpenDescriptors();
};

void ExpectNoDescriptorIsLost(WithFile& state) { EXPECT_EQ(OpenDescriptors(), state.descriptors); }

TEST(ArenaFailureTest, FilesAreOpenedOrNoDescriptorIsLost) {
  EXPECT_FAILURE_SAFE((FailureWalk<WithFile>{
      .operation = [](WithFile& state) { return MappedFile::Open(state.path).ok(); },
      .check = &ExpectNoDescriptorIsLost}));
  EXPECT_FAILURE_SAFE(
      (FailureWalk<WithFile>{.operation =
                                 [](WithFile& state) {
                                   const auto source = DescriptorSource::Open(state.path);
                                   ChunkReader reader(**source, {.name = state.path});
                                   return reader.NextLine() == "one" && reader.NextLine() == "two";
                                 },
                             .check = &ExpectNoDescriptorIsLost}));
}

}  // namespace
}  // namespace blixard::memory
