#include "scheduler/traces/csv_fields.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace blixard::scheduler::traces {
namespace {

using testing::HasSubstr;

const std::vector<CsvColumn> kColumns = {{"field"}};

// A row of one column; `text` must outlive it.
CsvRow Row(const std::string& text) { return CsvRow({"FILE", &kColumns, 7}, {text.c_str()}); }

TEST(ReadAmountTest, TurnsTheSourcesUnitIntoOurs) {
  struct Case {
    std::string text;
    AmountUnit unit;
    uint32_t want;
  };
  for (const Case& c : std::vector<Case>{
           {"1", {}, 1},
           {"2147483647", {}, 2147483647},
           {"0", {.least = 0}, 0},
           {"3", {.per_unit = 1024}, 3072},
           {"1.0", {.per_unit = 20, .fractions = true}, 20},
           {"42.0", {.per_unit = 20, .fractions = true}, 840},
           {"0.35", {.per_unit = 20, .fractions = true}, 7},  // 7.000000000000001 as doubles
           {"1.75", {.per_unit = 1024, .fractions = true}, 1792},
           {"0.7", {.per_unit = 1024, .fractions = true}, 717},  // 716.8 rounded up
           {"0.0000001", {.per_unit = 1024, .fractions = true}, 1},
           {"2097151", {.per_unit = 1024, .fractions = true}, 2147482624}}) {
    SCOPED_TRACE(c.text);
    const auto amount = ReadAmount(Row(c.text), 0, c.unit);
    ASSERT_TRUE(amount.ok()) << amount.status();
    EXPECT_EQ(*amount, c.want);
  }
}

TEST(ReadAmountTest, RejectsNamingFieldAndValue) {
  struct Case {
    std::string text;
    AmountUnit unit;
  };
  const AmountUnit decimal = {.per_unit = 1024, .fractions = true};
  for (const Case& c : std::vector<Case>{{"0", {}},
                                         {"-1", {}},
                                         {"1.5", {}},
                                         {"", {}},
                                         {"x", {}},
                                         {"1x", {}},
                                         {"2147483648", {}},
                                         {"99999999999999999999", {}},
                                         {"2097152", {.per_unit = 1024}},
                                         {"0", decimal},
                                         {"-0.5", decimal},
                                         {"nan", decimal},
                                         {"inf", decimal},
                                         {"1e300", decimal},
                                         {"2097152", decimal},
                                         {"", decimal}}) {
    SCOPED_TRACE(c.text);
    const auto amount = ReadAmount(Row(c.text), 0, c.unit);
    EXPECT_EQ(amount.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(amount.status().message()), HasSubstr("FILE:7: field: want a "));
    EXPECT_THAT(std::string(amount.status().message()),
                HasSubstr(absl::StrCat("got \"", c.text, "\"")));
  }
}

TEST(ReadSecondsTest, NeighbouringSecondsStayApartAsDays) {
  EXPECT_EQ(*ReadSeconds(Row("0"), 0), 0);
  EXPECT_EQ(*ReadSeconds(Row("86400"), 0), 1);
  EXPECT_LT(*ReadSeconds(Row("9999999999"), 0), *ReadSeconds(Row("10000000000"), 0));
}

TEST(ReadSecondsTest, RejectsWhatIsNoSecond) {
  for (const std::string text : {"", "-1", "1.5", "inf", "10000000001", "later"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ReadSeconds(Row(text), 0).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(ReadDaysTest, TakesNegativeAndFractionalDays) {
  EXPECT_EQ(*ReadDays(Row("-1497.0"), 0), -1497);
  EXPECT_EQ(*ReadDays(Row("0.25"), 0), 0.25);
  EXPECT_EQ(*ReadDays(Row("1000000"), 0), 1e6);
}

TEST(ReadDaysTest, RejectsWhatIsNoDay) {
  for (const std::string text : {"", "inf", "-inf", "nan", "1000000.1", "-2e6", "tomorrow"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ReadDays(Row(text), 0).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(ReadNewNameTest, AddsThePrefix) {
  absl::flat_hash_set<std::string> seen;
  EXPECT_EQ(*ReadNewName(Row("10939"), 0, "vm-", seen), "vm-10939");
  EXPECT_EQ(*ReadNewName(Row(std::string(60, 'a')), 0, "vm-", seen), "vm-" + std::string(60, 'a'));
}

TEST(ReadNewNameTest, RejectsBadNamesAndRepetitions) {
  absl::flat_hash_set<std::string> seen;
  for (const std::string& text :
       {std::string(), std::string("a b"), std::string("ä"), std::string(61, 'a')}) {
    SCOPED_TRACE(text);
    const auto name = ReadNewName(Row(text), 0, "vm-", seen);
    EXPECT_THAT(std::string(name.status().message()),
                HasSubstr("field: want 1 to 60 of A-Z a-z 0-9 . _ -"));
  }
  ASSERT_TRUE(ReadNewName(Row("1"), 0, "vm-", seen).ok());
  const auto again = ReadNewName(Row("1"), 0, "vm-", seen);
  EXPECT_EQ(std::string(again.status().message()),
            "FILE:7: field: want a value not seen before, got \"1\"");
}

}  // namespace
}  // namespace blixard::scheduler::traces
