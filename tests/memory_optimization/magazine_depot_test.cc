#include "memory_optimization/magazine_depot.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace blixard::memory {
namespace {

// Items are numbers; disposing of one is noted.
struct Numbers {
  static void Dispose(void* item, void* context) {
    static_cast<Numbers*>(context)->disposed.push_back(static_cast<int*>(item));
  }
  MagazineDepotOptions Options(MagazineDepotOptions options = {}) {
    options.dispose = &Dispose;
    options.context = this;
    return options;
  }
  int* item(int number) { return &storage[number]; }

  std::vector<int> storage = std::vector<int>(1000);
  std::vector<int*> disposed;
};

// Takes `count` items, which must not exist yet, and puts them all back.
void Fill(MagazineDepot& depot, Numbers& numbers, int count) {
  for (int i = 0; i < count; ++i) ASSERT_TRUE(depot.Take().may_build);
  for (int i = 0; i < count; ++i) depot.Put(numbers.item(i));
}

// The original's queue handed out the coldest one. Ours is a stack, save for the hot slot, which
// keeps the first of a run.
TEST(MagazineDepotTest, HandsOutWhatWasPutBackLast) {
  constexpr int kItems = 500;
  constexpr int kTaken = 100;
  constexpr int kSlack = 2 * internal::Magazine::kCapacity;
  Numbers numbers;
  MagazineDepot depot(numbers.Options());
  Fill(depot, numbers, kItems);
  std::vector<void*> taken;
  for (int i = 0; i < kTaken; ++i) {
    taken.push_back(depot.Take().item);
    ASSERT_GE(taken.back(), numbers.item(kItems - kTaken - kSlack)) << "take " << i;
  }
  for (void* item : taken) depot.Put(item);
}

TEST(MagazineDepotTest, TheItemJustPutBackIsTheNextOne) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options());
  Fill(depot, numbers, 3);
  void* first = depot.Take().item;
  for (int i = 0; i < 10; ++i) {
    depot.Put(first);
    ASSERT_EQ(depot.Take().item, first);
  }
  depot.Put(first);
  EXPECT_EQ(depot.Stats().acquired, 14u);
  EXPECT_EQ(depot.Stats().misses, 3u);
  EXPECT_EQ(depot.Stats().hits, 11u);
}

TEST(MagazineDepotTest, RefusesOnlyWhenEveryItemIsOut) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options({.max_items = 2}));
  EXPECT_TRUE(depot.Take().may_build);
  EXPECT_TRUE(depot.Take().may_build);
  const MagazineDepot::Grant refused = depot.Take();
  EXPECT_EQ(refused.item, nullptr);
  EXPECT_FALSE(refused.may_build);
  depot.Put(numbers.item(0));
  EXPECT_EQ(depot.Take().item, numbers.item(0));
  EXPECT_EQ(depot.Stats().exhausted, 1u);
  depot.Put(numbers.item(0));
  depot.Put(numbers.item(1));
}

TEST(MagazineDepotTest, FetchesWhatIsIdleInTheMagazineOfAnotherThread) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options({.max_items = 10}));
  Fill(depot, numbers, 10);  // all in this thread's magazine
  std::vector<void*> taken;
  std::thread([&] {
    for (int i = 0; i < 10; ++i) {
      taken.push_back(depot.Take().item);
      EXPECT_NE(taken.back(), nullptr) << "item " << i;
    }
    EXPECT_EQ(depot.Take().item, nullptr);
  }).join();
  EXPECT_EQ(depot.Take().item, nullptr);
  for (void* item : taken) depot.Put(item);
}

TEST(MagazineDepotTest, KeepsNoMoreThanMaxIdleInAllThreads) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options({.max_idle = 100}));
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(depot.Take().may_build);
  for (int t = 0; t < 4; ++t) {
    std::thread([&, t] {
      for (int i = 0; i < 100; ++i) {
        depot.Put(numbers.item(100 * t + i));
        ASSERT_LE(depot.Stats().idle, 100u);
      }
    }).join();
  }
  EXPECT_GE(depot.Stats().idle, 50u);  // what magazines may take stays reserved for them
  EXPECT_EQ(depot.Stats().live, 0u);
  EXPECT_EQ(numbers.disposed.size(), 400 - depot.Stats().idle);
}

TEST(MagazineDepotTest, MaxIdleZeroKeepsNothing) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options({.max_idle = 0}));
  Fill(depot, numbers, 3);
  EXPECT_EQ(depot.Stats().idle, 0u);
  EXPECT_EQ(numbers.disposed.size(), 3u);
}

TEST(MagazineDepotTest, ShrinkReachesMagazinesToo) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options());
  Fill(depot, numbers, 100);
  std::thread([&] {
    EXPECT_EQ(depot.Shrink(30), 30u);
    EXPECT_EQ(depot.Shrink(1000), 70u);
    EXPECT_EQ(depot.Shrink(1), 0u);
  }).join();
  EXPECT_EQ(depot.CountItems(), 0u);
}

TEST(MagazineDepotTest, ARefusedBuildLeavesNoTraceButTheRefusal) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options());
  ASSERT_TRUE(depot.Take().may_build);
  depot.RefuseBuild();
  const PoolStats stats = depot.Stats();
  EXPECT_EQ(stats.live, 0u);
  EXPECT_EQ(stats.acquired, 0u);
  EXPECT_EQ(stats.exhausted, 1u);
}

TEST(MagazineDepotTest, AddIdleStopsAtTheLimit) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options());
  EXPECT_TRUE(depot.AddIdle(numbers.item(0), 2));
  EXPECT_TRUE(depot.AddIdle(numbers.item(1), 2));
  EXPECT_FALSE(depot.AddIdle(numbers.item(2), 2));
  EXPECT_EQ(depot.Stats().idle, 2u);
  EXPECT_EQ(depot.Stats().peak, 0u);
}

TEST(MagazineDepotTest, ThreadExitBringsItemsBack) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options({.max_items = 5}));
  std::thread([&] { Fill(depot, numbers, 5); }).join();
  EXPECT_EQ(depot.Stats().acquired, 5u);
  std::set<void*> back;
  for (int i = 0; i < 5; ++i) back.insert(depot.Take().item);
  EXPECT_EQ(back.size(), 5u);
  EXPECT_EQ(back.count(nullptr), 0u);
  for (int i = 0; i < 5; ++i) depot.Put(numbers.item(i));
  EXPECT_EQ(depot.Stats().acquired, 10u);
}

TEST(MagazineDepotTest, PeakIsTheHighestLiveCount) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options());
  Fill(depot, numbers, 150);
  EXPECT_EQ(depot.Stats().peak, 150u);
  for (int i = 0; i < 20; ++i) depot.Put(depot.Take().item);
  EXPECT_EQ(depot.Stats().peak, 150u);
  EXPECT_EQ(depot.Stats().acquired, 170u);
}

// Depots that find no entry free look their magazines up the slow way.
TEST(MagazineDepotTest, MoreDepotsThanLookupEntriesWork) {
  Numbers numbers;
  std::vector<std::unique_ptr<MagazineDepot>> depots;
  for (size_t i = 0; i < internal::kLookupEntries + 100; ++i) {
    depots.push_back(std::make_unique<MagazineDepot>(numbers.Options()));
  }
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < depots.size(); ++i) {
      const MagazineDepot::Grant grant = depots[i]->Take();
      EXPECT_EQ(grant.item, round == 0 ? nullptr : numbers.item(static_cast<int>(i)));
      depots[i]->Put(numbers.item(static_cast<int>(i)));
    }
  }
  for (const auto& depot : depots) EXPECT_EQ(depot->Stats().acquired, 2u);
}

TEST(MagazineDepotTest, ADepotMayDieBeforeTheThreadsThatUsedIt) {
  for (int i = 0; i < 300; ++i) {
    Numbers numbers;
    {
      MagazineDepot depot(numbers.Options());
      Fill(depot, numbers, 3);
    }
    ASSERT_EQ(numbers.disposed.size(), 3u);
  }
}

TEST(MagazineDepotTest, AnItemPutByAWaitingThreadsNeighbourWakesIt) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options({.max_items = 1,
                                       .on_exhausted = OnExhausted::kWait,
                                       .wait_at_most = std::chrono::seconds(60)}));
  ASSERT_TRUE(depot.Take().may_build);
  depot.Put(numbers.item(0));  // this thread has a magazine now
  void* item = depot.Take().item;
  std::thread waiter([&] {
    void* mine = depot.Take().item;
    EXPECT_EQ(mine, item);
    depot.Put(mine);
  });
  depot.Put(item);
  waiter.join();
  EXPECT_EQ(depot.Stats().exhausted, 0u);
}

TEST(MagazineDepotTest, TrimSparesWhatIsAsked) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options());
  Fill(depot, numbers, 150);
  EXPECT_EQ(depot.Trim(20), 130u);
  EXPECT_EQ(depot.CountItems(), 20u);
  EXPECT_EQ(depot.Trim(20), 0u);
  EXPECT_EQ(depot.Stats().idle, 20u);
}

// A thread that only puts never comes to the depot; what it holds must still be found, again and
// again.
TEST(MagazineDepotTest, WhatAThreadPutsAfterATheftCanBeStolenToo) {
  Numbers numbers;
  MagazineDepot depot(numbers.Options({.max_items = 8}));
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(depot.Take().may_build);
  std::mutex turn;
  std::vector<void*> passed;
  for (int i = 0; i < 8; ++i) passed.push_back(numbers.item(i));
  bool done = false;
  std::thread putter([&] {
    while (true) {
      const std::lock_guard lock(turn);
      if (done) return;
      for (void* item : passed) depot.Put(item);
      passed.clear();
    }
  });
  for (int round = 0; round < 40;) {
    const std::lock_guard lock(turn);
    if (!passed.empty()) continue;
    ++round;
    std::vector<void*> taken;
    for (int i = 0; i < 8; ++i) {
      taken.push_back(depot.Take().item);
      EXPECT_NE(taken.back(), nullptr) << "round " << round << " item " << i;
    }
    EXPECT_EQ(depot.Take().item, nullptr);
    passed = taken;
  }
  while (true) {
    const std::lock_guard lock(turn);
    done = passed.empty();
    if (done) break;
  }
  putter.join();
  EXPECT_EQ(depot.Stats().live, 0u);
}

}  // namespace
}  // namespace blixard::memory
