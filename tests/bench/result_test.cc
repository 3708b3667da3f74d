#include "bench/result.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace blixard::bench {
namespace {

using Print = void (*)(const std::vector<Result>&, std::FILE*);

std::string Printed(Print print, const std::vector<Result>& results) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  print(results, out);
  std::fclose(out);
  std::string printed(text, size);
  std::free(text);
  return printed;
}

Result Reached(bool reached) {
  return {.group = "memory",
          .subject = "pool \"a\\b\"",
          .value = 1.25,
          .unit = "ns",
          .peer = "new/delete",
          .peer_value = 10,
          .ratio = 8,
          .target = ">= 4 times",
          .reached = reached};
}

TEST(ResultTest, JsonIsAListOfObjectsWithEveryField) {
  google::protobuf::ListValue list;
  const std::string json = Printed(PrintJson, {Reached(true), {.subject = "alone", .value = 2}});
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &list).ok()) << json;
  ASSERT_EQ(list.values_size(), 2);
  const auto& first = list.values(0).struct_value().fields();
  EXPECT_EQ(first.size(), 11u);
  EXPECT_EQ(first.at("subject").string_value(), "pool \"a\\b\"");
  EXPECT_EQ(first.at("ratio").number_value(), 8);
  EXPECT_TRUE(first.at("reached").bool_value());
  const auto& second = list.values(1).struct_value().fields();
  EXPECT_EQ(second.size(), 11u);
  for (const char* absent :
       {"peer", "peer_value", "ratio", "lowest_ratio", "highest_ratio", "target", "reached"}) {
    EXPECT_TRUE(second.at(absent).has_null_value()) << absent;
  }
}

TEST(ResultTest, WhatIsNoNumberIsNullInJson) {
  Result result = Reached(true);
  result.ratio = std::numeric_limits<double>::infinity();  // the peer got nothing done
  const std::string json = Printed(PrintJson, {result});
  EXPECT_NE(json.find("\"ratio\": null"), std::string::npos) << json;
}

TEST(ResultTest, NoResultsAreAnEmptyList) {
  google::protobuf::ListValue list;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(Printed(PrintJson, {}), &list).ok());
  EXPECT_EQ(list.values_size(), 0);
}

TEST(ResultTest, TextCountsTheTargetsThatWereReached) {
  const std::string text =
      Printed(PrintText, {Reached(true), Reached(false), {.subject = "alone"}});
  EXPECT_NE(text.find(">= 4 times"), std::string::npos) << text;
  EXPECT_NE(text.find("NO"), std::string::npos) << text;
  EXPECT_NE(text.find("1 of 2 targets reached"), std::string::npos) << text;
}

TEST(ResultTest, SpreadOfTheRoundsIsShownWhereThereIsOne) {
  Result result = Reached(true);
  result.lowest_ratio = 6.5;
  result.highest_ratio = 12;
  const std::string text = Printed(PrintText, {result, Reached(true)});
  EXPECT_NE(text.find("of rounds"), std::string::npos) << text;
  EXPECT_NE(text.find("6.500 to 12.00"), std::string::npos) << text;
  const std::string json = Printed(PrintJson, {result});
  EXPECT_NE(json.find("\"lowest_ratio\": 6.5, \"highest_ratio\": 12,"), std::string::npos) << json;
  const std::string without = Printed(PrintText, {Reached(true)});
  EXPECT_EQ(without.find("of rounds"), std::string::npos) << without;
}

}  // namespace
}  // namespace blixard::bench
