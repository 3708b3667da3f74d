#include "memory_optimization/cow.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace blixard::memory {
namespace {

TEST(CowTest, BorrowedTextIsNotCopied) {
  const std::string text = "a text too long to be held in place";
  const Cow cow = Cow::Borrowed(text);
  EXPECT_FALSE(cow.is_owned());
  EXPECT_EQ(cow.view().data(), text.data());
  const Cow copy = cow;
  EXPECT_EQ(copy.view().data(), text.data());
}

TEST(CowTest, ChangingCopiesOnceAndLeavesTheOriginal) {
  const std::string text = "a text too long to be held in place";
  Cow cow = Cow::Borrowed(text);
  cow.ToOwned()[0] = 'A';
  EXPECT_TRUE(cow.is_owned());
  const char* own = cow.view().data();
  cow.ToOwned()[1] = '-';
  EXPECT_EQ(cow.view().data(), own);
  EXPECT_EQ(cow.view().substr(0, 3), "A-t");
  EXPECT_EQ(text[0], 'a');
}

TEST(CowTest, OwnedTextGoesWithIt) {
  Cow cow = Cow::Owned("own");
  const Cow moved = std::move(cow);
  EXPECT_TRUE(moved.is_owned());
  EXPECT_EQ(moved, "own");
  EXPECT_EQ(cow, "");  // NOLINT(bugprone-use-after-move): stated in the header
  EXPECT_FALSE(cow.is_owned());
}

TEST(CowTest, CopiesOfOwnedTextAreApart) {
  const Cow cow = Cow::Owned("own");
  Cow copy = cow;
  copy.ToOwned() += "ed";
  EXPECT_EQ(cow, "own");
  EXPECT_EQ(copy, "owned");
  copy = cow;
  EXPECT_EQ(copy, cow);
  Cow& same = copy;
  copy = same;
  EXPECT_EQ(copy, "own");
}

TEST(CowTest, IntoOwnedMovesWhatIsOwnedAndCopiesWhatIsNot) {
  std::string text = "a text too long to be held in place";
  const char* at = text.data();
  EXPECT_EQ(Cow::Borrowed(text).IntoOwned(), text);
  Cow cow = Cow::Owned(std::move(text));
  const std::string out = std::move(cow).IntoOwned();
  EXPECT_EQ(out.data(), at);
  EXPECT_EQ(cow, "");  // NOLINT(bugprone-use-after-move): stated in the header
}

TEST(CowTest, TheDefaultIsTheEmptyText) {
  EXPECT_EQ(Cow(), "");
  EXPECT_NE(Cow(), Cow::Borrowed("a"));
}

}  // namespace
}  // namespace blixard::memory
