#include "scheduler/replicated/shared_pages.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

namespace blixard::scheduler {
namespace {

using Pages = SharedPages<uint64_t>;

TEST(SharedPagesTest, RowsAreWhatWasWritten) {
  Pages pages;
  for (const size_t row : {size_t{0}, Pages::kPageRows - 1, Pages::kPageRows, size_t{100'000}}) {
    pages.Mutable(row) = row + 1;
  }
  EXPECT_EQ(pages[0], 1u);
  EXPECT_EQ(pages[Pages::kPageRows - 1], Pages::kPageRows);
  EXPECT_EQ(pages[100'000], 100'001u);
}

TEST(SharedPagesTest, ACopyKeepsItsRowsAndAnUntouchedPageStaysShared) {
  Pages pages;
  pages.Mutable(0) = 1;
  pages.Mutable(Pages::kPageRows) = 2;
  const Pages copy = pages;
  pages.Mutable(0) = 10;
  EXPECT_EQ(copy[0], 1u);
  EXPECT_EQ(pages[0], 10u);
  EXPECT_NE(&copy[0], &pages[0]);
  EXPECT_EQ(&copy[Pages::kPageRows], &pages[Pages::kPageRows]);
}

TEST(SharedPagesTest, APageIsCopiedOncePerCopy) {
  Pages pages;
  pages.Mutable(0) = 1;
  const Pages copy = pages;
  const uint64_t* moved = &pages.Mutable(0);
  EXPECT_EQ(&pages.Mutable(1), moved + 1);
}

TEST(SharedPagesTest, WithoutACopyNothingMoves) {
  Pages pages;
  pages.Reserve(3 * Pages::kPageRows);
  const uint64_t* first = &pages.Mutable(0);
  { const Pages copy = pages; }
  EXPECT_EQ(&pages.Mutable(0), first);
}

TEST(SharedPagesTest, CopiesMayBeReadAndGivenUpOnOtherThreads) {
  Pages pages;
  for (size_t row = 0; row < 4 * Pages::kPageRows; ++row) pages.Mutable(row) = row;
  for (int round = 0; round < 20; ++round) {
    std::thread reader([copy = pages, round] {
      const uint64_t added = static_cast<uint64_t>(round);
      for (size_t row = 0; row < 4 * Pages::kPageRows; ++row) ASSERT_EQ(copy[row], row + added);
    });
    for (size_t row = 0; row < 4 * Pages::kPageRows; ++row) ++pages.Mutable(row);
    reader.join();
  }
}

}  // namespace
}  // namespace blixard::scheduler
