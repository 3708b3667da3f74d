#include "bench/result.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
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
  EXPECT_EQ(first.size(), 9u);
  EXPECT_EQ(first.at("subject").string_value(), "pool \"a\\b\"");
  EXPECT_EQ(first.at("ratio").number_value(), 8);
  EXPECT_TRUE(first.at("reached").bool_value());
  const auto& second = list.values(1).struct_value().fields();
  EXPECT_EQ(second.size(), 9u);
  for (const char* absent : {"peer", "peer_value", "ratio", "target", "reached"}) {
    EXPECT_TRUE(second.at(absent).has_null_value()) << absent;
  }
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

}  // namespace
}  // namespace blixard::bench
