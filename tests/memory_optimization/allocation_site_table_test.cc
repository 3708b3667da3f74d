#include "memory_optimization/allocation_site_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace blixard::memory::internal {
namespace {

using Table = SiteTable<256, 4>;
using Frames = std::vector<uintptr_t>;

uint32_t Add(Table& table, uint64_t hash, const Frames& frames) {
  return table.FindOrAdd(hash, frames.data(), static_cast<int>(frames.size()));
}

Frames FramesAt(const Table& table, uint32_t index) {
  Frames frames;
  table.Visit(index, [&frames](uintptr_t frame) { frames.push_back(frame); });
  return frames;
}

// Zeros are an empty table.
std::unique_ptr<Table> MakeTable() { return std::make_unique<Table>(); }

TEST(SiteTableTest, TheSameSiteIsFoundAgain) {
  const auto table = MakeTable();
  const uint32_t index = Add(*table, 77, {1, 2, 3});
  EXPECT_NE(index, kNoSite);
  EXPECT_EQ(Add(*table, 77, {1, 2, 3}), index);
  EXPECT_EQ(FramesAt(*table, index), (Frames{1, 2, 3}));
}

TEST(SiteTableTest, EqualHashesOfDifferentSitesAreToldApart) {
  const auto table = MakeTable();
  const uint32_t first = Add(*table, 77, {1, 2, 3});
  const uint32_t other = Add(*table, 77, {1, 2, 4});
  const uint32_t shorter = Add(*table, 77, {1, 2});
  EXPECT_NE(first, other);
  EXPECT_NE(first, shorter);
  EXPECT_EQ(FramesAt(*table, other), (Frames{1, 2, 4}));
  EXPECT_EQ(FramesAt(*table, shorter), (Frames{1, 2}));
}

TEST(SiteTableTest, NoSiteHasTheIndexThatMeansNone) {
  const auto table = MakeTable();
  EXPECT_NE(Add(*table, 256, {1}), kNoSite);  // its place would be 0
  EXPECT_TRUE(FramesAt(*table, kNoSite).empty());
}

TEST(SiteTableTest, AFullTableSaysSoAndKeepsWhatItHas) {
  const auto table = MakeTable();
  std::map<uint32_t, uintptr_t> sites;
  for (uintptr_t i = 1; i <= 255; ++i) sites[Add(*table, i, {i})] = i;
  EXPECT_EQ(sites.size(), 255u);
  EXPECT_EQ(sites.count(kNoSite), 0u);
  EXPECT_EQ(Add(*table, 1000, {1000}), kNoSite);
  for (const auto& [index, frame] : sites) EXPECT_EQ(Add(*table, frame, {frame}), index);
}

TEST(SiteTableTest, TimeInAFullNeighbourhoodIsBounded) {
  const auto table = MakeTable();
  for (uintptr_t i = 1; i <= Table::kMaxProbes; ++i) EXPECT_NE(Add(*table, 5, {i}), kNoSite);
  EXPECT_EQ(Add(*table, 5, {999}), kNoSite);
  EXPECT_NE(Add(*table, 200, {999}), kNoSite);
}

TEST(SiteTableTest, ThreadsNeverSeeHalfASite) {
  const auto table = MakeTable();
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uintptr_t i = 1; i <= 100; ++i) {
        const Frames frames = {i, 2 * i, 3 * i};
        if (FramesAt(*table, Add(*table, i, frames)) != frames) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace blixard::memory::internal
