#include "scheduler/core/names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace blixard::scheduler {
namespace {

TEST(NamesTest, OneTo63OfTheAllowedCharactersAreValid) {
  for (const std::string& name :
       {std::string("a"), std::string("Web-01.rack_7"), std::string(63, 'z')}) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(IsValidName(name));
    EXPECT_TRUE(ValidateName({.field = "name", .value = name}).ok());
  }
}

TEST(NamesTest, EveryOtherNameIsRefusedWithFieldAndValue) {
  struct Case {
    std::string name;
    absl::string_view shown;
  };
  for (const Case& c : std::vector<Case>{{"", "got \"\" (0 bytes)"},
                                         {std::string(64, 'z'), "zzzz\" (64 bytes)"},
                                         {std::string(500, 'z'), "zzzz...\" (500 bytes)"},
                                         {"a b", "got \"a b\""},
                                         {"a/b", "got \"a/b\""},
                                         {std::string("a\0z", 3), "got \"a\\x00z\""},
                                         {"\xc3\xa4", "got \"\\xc3\\xa4\""}}) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(IsValidName(c.name));
    const absl::Status status = ValidateName({.field = "vm.name", .value = c.name});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StartsWith(status.message(), "vm.name: want 1 to 63 of A-Z a-z 0-9 . _ -"));
    EXPECT_TRUE(absl::StrContains(status.message(), c.shown)) << status;
  }
}

TEST(InlineNameTest, HoldsAnyNameAndComparesByContent) {
  for (const std::string& name : {std::string(), std::string("a"), std::string(63, 'z')}) {
    EXPECT_EQ(InlineName(name).view(), name);
    EXPECT_EQ(InlineName(name), InlineName(std::string(name)));
    EXPECT_EQ(InlineName(name).empty(), name.empty());
  }
  EXPECT_FALSE(InlineName("a") == InlineName("b"));
  EXPECT_FALSE(InlineName("a") == InlineName("aa"));
}

TEST(InlineNameDeathTest, ALongerTextStopsTheProcess) {
  EXPECT_DEATH(InlineName(std::string(64, 'z')), "64 vs. 63");
}

}  // namespace
}  // namespace blixard::scheduler
