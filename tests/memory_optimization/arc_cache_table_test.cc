#include "memory_optimization/arc_cache_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace blixard::memory::internal {
namespace {

constexpr auto kAny = [](const CacheEntry*) { return true; };

TEST(EntryTableTest, HoldsWhatWasInsertedAndNotErasedHoweverHashesCollide) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  for (const uint64_t hashes : {3u, 20u, 1'000'000u}) {
    std::mt19937_64 random(seed);
    EntryTable table;
    std::vector<std::unique_ptr<CacheEntry>> inside;
    for (int i = 0; i < 5'000; ++i) {
      if (inside.size() < 50 && random() % 2 == 0) {
        if (!table.HasRoom(inside.size() + 1)) table.Grow();
        auto entry = std::make_unique<CacheEntry>();
        entry->hash = random() % hashes * 0x9E3779B97F4A7C15u;
        table.Insert(entry.get());
        inside.push_back(std::move(entry));
      } else if (!inside.empty()) {
        std::swap(inside[random() % inside.size()], inside.back());
        CacheEntry* gone = inside.back().get();
        table.Erase(gone);
        EXPECT_EQ(table.Find(gone->hash, [&](auto* entry) { return entry == gone; }), nullptr);
        inside.pop_back();
      }
      for (const auto& entry : inside) {
        ASSERT_EQ(table.Find(entry->hash, [&](auto* there) { return there == entry.get(); }),
                  entry.get());
      }
    }
  }
}

TEST(EntryTableTest, AHiddenEntryIsFoundUnderTheMutexAndByNoReader) {
  EntryTable table;
  CacheEntry entry;
  entry.hash = 0x1234'5678'9abc'def0;
  table.Insert(&entry);
  const CellArray& cells = *table.cells();
  const size_t home = cells.Home(entry.hash);
  const uint64_t tag = CellArray::TagOf(entry.hash);
  EXPECT_TRUE(CellArray::HasTag(cells[home].load(), tag));
  table.Hide(&entry);
  EXPECT_FALSE(CellArray::HasTag(cells[home].load(), tag));
  EXPECT_EQ(table.Find(entry.hash, kAny), &entry);
  table.Unhide(&entry);
  EXPECT_TRUE(CellArray::HasTag(cells[home].load(), tag));
  table.Erase(&entry);
}

TEST(EntryTableTest, AnOutgrownArrayIsEmptyForReadersLeftInIt) {
  EntryTable table;
  CacheEntry entry;
  entry.hash = 5;
  table.Insert(&entry);
  const CellArray& old = *table.cells();
  table.Grow();
  EXPECT_NE(table.cells(), &old);
  for (size_t i = 0; i < old.size(); ++i) EXPECT_EQ(old[i].load(), 0u);
  EXPECT_EQ(table.Find(5, kAny), &entry);
}

TEST(EntryTableTest, ClosedForReadersItStillWorksUnderTheMutex) {
  EntryTable table;
  table.CloseForReaders();
  CacheEntry entry;
  entry.hash = 5;
  table.Insert(&entry);
  table.Grow();
  EXPECT_EQ((*table.cells())[0].load(), 0u);
  EXPECT_EQ(table.cells()->size(), 1u);
  EXPECT_EQ(table.Find(5, kAny), &entry);
}

TEST(EntryTableDeathTest, AnEntryThatIsNotThereCannotBeErased) {
  EntryTable table;
  CacheEntry entry;
  entry.hash = 5;
  EXPECT_DEATH(table.Erase(&entry), "entry of hash 5 is not in the table");
}

}  // namespace
}  // namespace blixard::memory::internal
