#include "memory_optimization/columns.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

namespace blixard::memory {
namespace {

enum Column { kName, kFree, kShare };
using Nodes = Columns<uint8_t, int64_t, float>;

TEST(ColumnsTest, StartsEmpty) {
  Nodes nodes;
  EXPECT_TRUE(nodes.empty());
  EXPECT_TRUE(nodes.column<kFree>().empty());
  EXPECT_TRUE(Nodes(nodes).empty());
}

TEST(ColumnsTest, FieldsOfARowStandAtItsNumberInEveryColumn) {
  Nodes nodes;
  EXPECT_EQ(nodes.Append(1, 10, 0.5f), 0u);
  EXPECT_EQ(nodes.Append(2, 20, 0.25f), 1u);
  EXPECT_EQ(nodes.column<kName>()[1], 2);
  EXPECT_EQ(nodes.column<kFree>()[0], 10);
  EXPECT_EQ(std::get<kShare>(nodes.row(1)), 0.25f);
  std::get<kFree>(nodes.row(0)) -= 3;
  nodes.mutable_column<kShare>()[0] = 1.0f;
  EXPECT_EQ(nodes.row(0), std::make_tuple(uint8_t{1}, int64_t{7}, 1.0f));
}

TEST(ColumnsTest, EveryColumnStartsACacheLine) {
  Nodes nodes;
  for (int i = 0; i < 1000; ++i) {
    nodes.Append(0, 0, 0);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(nodes.column<kName>().data()) % 64, 0u);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(nodes.column<kFree>().data()) % 64, 0u);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(nodes.column<kShare>().data()) % 64, 0u);
  }
}

TEST(ColumnsTest, ReserveMakesRoomOnce) {
  Nodes nodes;
  nodes.Reserve(100);
  const auto* start = nodes.column<kFree>().data();
  for (int i = 0; i < 100; ++i) nodes.Append(1, i, 1);
  EXPECT_EQ(nodes.column<kFree>().data(), start);
  EXPECT_EQ(nodes.capacity(), 100u);
  nodes.Reserve(10);
  EXPECT_EQ(nodes.capacity(), 100u);
}

TEST(ColumnsTest, TheLastRowTakesTheRemovedOnesPlace) {
  Nodes nodes;
  for (int i = 0; i < 4; ++i) nodes.Append(static_cast<uint8_t>(i), 10 * i, 0);
  nodes.RemoveBySwap(1);
  EXPECT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes.row(1), std::make_tuple(uint8_t{3}, int64_t{30}, 0.0f));
  nodes.RemoveBySwap(2);
  EXPECT_EQ(nodes.column<kName>(), (std::vector<uint8_t>{0, 3}));
  nodes.Clear();
  EXPECT_TRUE(nodes.empty());
}

TEST(ColumnsTest, ARowOfItsOwnMayBeAppendedWhileItGrows) {
  Nodes nodes;
  for (int i = 0; i < 64; ++i) nodes.Append(7, 70, 7);
  ASSERT_EQ(nodes.size(), nodes.capacity());
  nodes.Append(nodes.column<kName>()[0], nodes.column<kFree>()[0], nodes.column<kShare>()[0]);
  EXPECT_EQ(nodes.row(64), std::make_tuple(uint8_t{7}, int64_t{70}, 7.0f));
}

TEST(ColumnsTest, CopiesAreApartAndMovesSteal) {
  Nodes a;
  a.Append(1, 10, 0);
  Nodes b = a;
  std::get<kFree>(b.row(0)) = 11;
  EXPECT_EQ(a.column<kFree>()[0], 10);
  const auto* start = b.column<kFree>().data();
  Nodes c = std::move(b);
  EXPECT_EQ(c.column<kFree>().data(), start);
  a = c;
  EXPECT_EQ(a.column<kFree>()[0], 11);
  Nodes& self = a;
  a = self;
  EXPECT_EQ(a.size(), 1u);
}

TEST(ColumnsTest, RandomChangesAgreeWithAnArrayOfStructs) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  Columns<int32_t, uint64_t> columns;
  std::vector<std::tuple<int32_t, uint64_t>> rows;
  for (int step = 0; step < 5000; ++step) {
    if (rows.empty() || random() % 3 != 0) {
      const auto row = std::make_tuple(static_cast<int32_t>(random()), uint64_t{random()});
      columns.Append(std::get<0>(row), std::get<1>(row));
      rows.push_back(row);
    } else {
      const size_t at = random() % rows.size();
      columns.RemoveBySwap(at);
      rows[at] = rows.back();
      rows.pop_back();
    }
    ASSERT_EQ(columns.size(), rows.size());
  }
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(columns.row(i), rows[i]);
}

TEST(ColumnsDeathTest, RowsOutsideAreNamed) {
  Nodes nodes;
  nodes.Append(1, 1, 1);
  EXPECT_DEATH(nodes.row(1), "row of a table of columns");
  EXPECT_DEATH(nodes.RemoveBySwap(1), "row of a table of columns");
  EXPECT_DEATH(nodes.Reserve(static_cast<size_t>(-1)), "rows of a table of columns");
}

}  // namespace
}  // namespace blixard::memory
