#include "tests/simulation/history_file.h"

#include <gtest/gtest.h>

#include <string>

namespace blixard::raft {
namespace {

History EveryKind() {
  return {{.client = 1,
           .kind = OperationKind::kRead,
           .key = "k",
           .result = "a\"\\\n\xff",
           .call_ns = -5,
           .return_ns = 7,
           .status = OperationStatus::kOk},
          {.client = 2,
           .kind = OperationKind::kWrite,
           .key = "",
           .value = "v",
           .call_ns = 10,
           .status = OperationStatus::kUnknown},
          {.client = 3,
           .kind = OperationKind::kCas,
           .key = "k",
           .value = "v",
           .expected = std::string(1, '\0'),
           .result = "w",
           .call_ns = 10,
           .return_ns = 10,
           .status = OperationStatus::kOk},
          {.client = 4,
           .kind = OperationKind::kCas,
           .key = "k",
           .value = "v",
           .call_ns = 11,
           .return_ns = 12,
           .status = OperationStatus::kFail}};
}

TEST(HistoryFileTest, WhatIsWrittenIsReadBack) {
  const absl::StatusOr<History> read = ParseHistory(FormatHistory(EveryKind()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, EveryKind());
}

TEST(HistoryFileTest, TheFormatIsFixed) {
  EXPECT_EQ(FormatOperation(EveryKind()[1]),
            "{\"client\":2,\"op\":\"write\",\"key\":\"\",\"value\":\"v\",\"expected\":null,"
            "\"result\":null,\"call_ns\":10,\"return_ns\":null,\"status\":\"unknown\"}\n");
}

TEST(HistoryFileTest, FieldsMayComeInAnyOrderWithBlanks) {
  const absl::StatusOr<History> read = ParseHistory(
      "\n { \"status\" : \"ok\", \"return_ns\":2,\"call_ns\":1,\"result\":null,\"expected\":null,"
      "\"value\":null,\"key\":\"k\",\"op\":\"read\",\"client\":9}\r\n\n");
  // The carriage return is no blank of JSON lines.
  EXPECT_FALSE(read.ok());
  const absl::StatusOr<History> good = ParseHistory(
      "\n { \"status\" : \"ok\", \"return_ns\":2,\"call_ns\":1,\"result\":null,\"expected\":null,"
      "\"value\":null,\"key\":\"k\",\"op\":\"read\",\"client\":9}  \n\n");
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->front().client, 9u);
}

TEST(HistoryFileTest, WhatIsWrongIsNamedWithItsLine) {
  const std::string good = FormatOperation(EveryKind()[0]);
  const std::string tail = ",\"call_ns\":1,\"return_ns\":2,\"status\":\"ok\"}";
  const std::string ids = "{\"client\":1,\"op\":\"read\",\"key\":\"k\"";
  struct Case {
    std::string name;
    std::string line;
    std::string want;
  };
  for (const Case& c : std::vector<Case>{
           {"no object", "[]", "line 2: line: want an object"},
           {"cut", good.substr(0, 30), "line 2: "},
           {"unknown field", "{\"clint\":1}", "line 2: field: want one of the nine"},
           {"twice", "{\"client\":1,\"client\":1}", "line 2: client: want it once"},
           {"missing", "{\"client\":1}", "line 2: op: want a value or null, got no such field"},
           {"a fraction", "{\"client\":1.5}", "line 2: line: want its end"},
           {"behind the object", good.substr(0, good.size() - 1) + "x",
            "line 2: line: want its end"},
           {"kind",
            "{\"client\":1,\"op\":\"inc\",\"key\":\"k\",\"value\":null,\"expected\":null,"
            "\"result\":null" +
                tail,
            "line 2: op: want read, write or cas, got \"inc\""},
           {"read with a value", ids + ",\"value\":\"x\",\"expected\":null,\"result\":null" + tail,
            "line 2: value: want null for a read, got \"x\""},
           {"read with expected", ids + ",\"value\":null,\"expected\":\"x\",\"result\":null" + tail,
            "line 2: expected: want null unless op is cas, got \"x\""},
           {"return before call",
            ids + ",\"value\":null,\"expected\":null,\"result\":null,\"call_ns\":3,"
                  "\"return_ns\":2,\"status\":\"ok\"}",
            "line 2: return_ns: want an integer >= 3, got 2"},
           {"unknown that returned",
            ids + ",\"value\":null,\"expected\":null,\"result\":null,\"call_ns\":1,"
                  "\"return_ns\":2,\"status\":\"unknown\"}",
            "line 2: return_ns: want null while status is unknown, got 2"},
           {"ok that never returned",
            ids + ",\"value\":null,\"expected\":null,\"result\":null,\"call_ns\":1,"
                  "\"return_ns\":null,\"status\":\"ok\"}",
            "line 2: return_ns: want an integer, got null"},
           {"result of a failure",
            ids + ",\"value\":null,\"expected\":null,\"result\":\"r\",\"call_ns\":1,"
                  "\"return_ns\":2,\"status\":\"fail\"}",
            "line 2: result: want null unless a read or cas is ok, got \"r\""},
           {"bad escape", "{\"client\":\"\\q\"}", "line 2: client: want null, an integer"},
       }) {
    SCOPED_TRACE(c.name);
    const absl::StatusOr<History> read = ParseHistory(good + c.line + "\n");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(std::string(read.status().message()).substr(0, c.want.size()), c.want)
        << read.status();
  }
}

TEST(HistoryFileTest, EveryCutLineIsRefused) {
  const std::string good = FormatOperation(EveryKind()[2]);
  for (size_t length = 1; length + 1 < good.size(); ++length) {
    EXPECT_FALSE(ParseHistory(good.substr(0, length)).ok()) << good.substr(0, length);
  }
}

}  // namespace
}  // namespace blixard::raft
