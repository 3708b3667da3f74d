#include "scheduler/traces/csv_rows.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/traces/csv_file.h"

namespace blixard::scheduler::traces {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<CsvColumn> kNameAndSize = {{"name"}, {"size"}};

// Rows as "name/size"; the status of the reading in `status`.
struct Read {
  absl::Status status;
  std::vector<std::string> rows;
};
Read ReadAll(const std::string& path) {
  Read read;
  read.status = ForEachCsvRow(path, kNameAndSize, [&](const CsvRow& row) {
    read.rows.push_back(absl::StrCat(row.Text(0), "/", row.Text(1)));
    return absl::OkStatus();
  });
  return read;
}

TEST(CsvRowsTest, FindsColumnsByNameInAnyOrder) {
  const Read read = ReadAll(CsvFile("extra,size,name\nx,1,a\ny,2,b\n"));
  EXPECT_TRUE(read.status.ok()) << read.status;
  EXPECT_THAT(read.rows, ElementsAre("a/1", "b/2"));
}

TEST(CsvRowsTest, TakesWhatFilesDiffer) {
  struct Case {
    const char* reason;
    const char* text;
  };
  for (const Case& c : std::vector<Case>{{"no newline at the end", "name,size\na,1\nb,2"},
                                         {"CRLF", "name,size\r\na,1\r\nb,2\r\n"},
                                         {"CRLF but the last", "name,size\r\na,1\r\nb,2"},
                                         {"UTF-8 mark", "\xEF\xBB\xBFname,size\na,1\nb,2\n"},
                                         {"blank lines", "\nname,size\n\na,1\n \nb,2\n\n"},
                                         {"blanks around", " name , size\n a ,\t1\nb,2 \n"},
                                         {"quotes", "\"name\",size\n\"a\",1\nb,\"2\"\n"}}) {
    SCOPED_TRACE(c.reason);
    const Read read = ReadAll(CsvFile(c.text));
    EXPECT_TRUE(read.status.ok()) << read.status;
    EXPECT_THAT(read.rows, ElementsAre("a/1", "b/2"));
  }
}

TEST(CsvRowsTest, HeaderAloneIsNoRows) {
  const Read read = ReadAll(CsvFile("name,size"));
  EXPECT_TRUE(read.status.ok()) << read.status;
  EXPECT_THAT(read.rows, IsEmpty());
}

TEST(CsvRowsTest, RejectsWithFileLineAndReason) {
  struct Case {
    const char* reason;
    std::string text;
    const char* want;
  };
  for (const Case& c : std::vector<Case>{
           {"empty", "", ".csv: want a header line, got an empty file"},
           {"blank lines only", "\n\n", ".csv: want a header line, got an empty file"},
           {"UTF-8 mark only", "\xEF\xBB\xBF", ".csv: want a header line, got an empty file"},
           {"missing column", "name,sizes\na,1\n",
            ".csv:1: header: want a column \"size\", got none"},
           {"repeated column", "name,size,name\na,1,b\n",
            ".csv:1: header: want each column once, got again \"name\""},
           {"too few", "name,size\na,1\nb\n",
            ".csv:3: columns: want as many as in the header, got fewer"},
           {"too many", "name,size\na,1,2\n",
            ".csv:2: columns: want as many as in the header, got more"},
           {"open quote", "name,size\na,\"1\n",
            ".csv:2: quote: want one that is closed on its line, got one left open"},
           {"byte 0", std::string("name,size\na,1\0,2\n", 17), ".csv: want text, got a byte 0"}}) {
    SCOPED_TRACE(c.reason);
    const Read read = ReadAll(CsvFile(c.text));
    EXPECT_EQ(read.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(read.status.message()), EndsWith(c.want));
  }
}

TEST(CsvRowsTest, LineLengthIsBounded) {
  const std::string header = "name,size\n";
  const std::string longest = std::string(kMaxCsvLineBytes - 2, 'n') + ",1";
  EXPECT_TRUE(ReadAll(CsvFile(header + longest + "\nb,2\n")).status.ok());
  for (const char* tail : {"1", "1\n"}) {
    const Read read = ReadAll(CsvFile(header + longest + tail));
    EXPECT_EQ(read.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(read.status.message()),
                EndsWith(".csv:2: line: want at most 65536 bytes, got more"));
  }
}

TEST(CsvRowsTest, FileLongerThanTheParsersBlocksIsReadWhole) {
  // 48 MiB pass through two blocks of 16 MiB and the reads that follow them.
  std::string text = "name,size\n";
  const std::string line = std::string(kMaxCsvLineBytes - 3, 'n') + ",1\n";
  size_t lines = 0;
  while (text.size() < (size_t{48} << 20)) text += line, ++lines;
  const std::string path = CsvFile(text + "last,2");
  size_t rows = 0;
  std::string last;
  const absl::Status status = ForEachCsvRow(path, kNameAndSize, [&](const CsvRow& row) {
    ++rows;
    last = std::string(row.Text(0).substr(0, 8));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(rows, lines + 1);
  EXPECT_EQ(last, "last");
  std::remove(path.c_str());
}

TEST(CsvRowsTest, MissingFileIsNotFoundWithItsPath) {
  const std::string path = testing::TempDir() + "/absent.csv";
  for (const absl::Status& status : {ReadAll(path).status, ReadCsvHeader(path).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
}

TEST(CsvRowsTest, FolderIsAnErrorNotAnEmptyFile) {
  const std::string path = testing::TempDir();
  for (const absl::Status& status : {ReadAll(path).status, ReadCsvHeader(path).status()}) {
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr("directory"));
  }
}

TEST(CsvRowsTest, FirstErrorOfTheVisitorEndsTheReading) {
  size_t visits = 0;
  const absl::Status status =
      ForEachCsvRow(CsvFile("size,name\n1,a\n-1,b\n-2,c\n"), kNameAndSize, [&](const CsvRow& row) {
        ++visits;
        return row.Text(1)[0] == '-' ? row.Error(1, "a size") : absl::OkStatus();
      });
  EXPECT_EQ(visits, 2u);
  EXPECT_THAT(std::string(status.message()), EndsWith(".csv:3: size: want a size, got \"-1\""));
}

TEST(CsvRowsTest, ErrorShowsLongAndUnprintableTextCutAndEscaped) {
  const std::string text = "name,size\na,\x01" + std::string(100, 'z') + "\n";
  const absl::Status status = ForEachCsvRow(
      CsvFile(text), kNameAndSize, [&](const CsvRow& row) { return row.Error(1, "a size"); });
  EXPECT_THAT(std::string(status.message()),
              EndsWith("got \"\\x01" + std::string(63, 'z') + "...\""));
}

TEST(CsvRowsTest, OptionalColumnMayBeMissing) {
  const std::vector<CsvColumn> columns = {{"name"}, {"until", /*optional=*/true}};
  std::vector<std::string> seen;
  const auto visit = [&](const CsvRow& row) {
    seen.push_back(row.Has(1) ? std::string(row.Text(1)) : "absent");
    return absl::OkStatus();
  };
  ASSERT_TRUE(ForEachCsvRow(CsvFile("name\na\n"), columns, visit).ok());
  ASSERT_TRUE(ForEachCsvRow(CsvFile("until,name\n5,a\n,b\n"), columns, visit).ok());
  EXPECT_THAT(seen, ElementsAre("absent", "5", ""));
}

TEST(CsvRowsTest, HeaderIsTheFirstLineThatIsNotBlank) {
  EXPECT_EQ(*ReadCsvHeader(CsvFile("\n \nname,size\r\na,1\n")), "name,size");
  EXPECT_EQ(*ReadCsvHeader(CsvFile("name,size")), "name,size");
  EXPECT_EQ(ReadCsvHeader(CsvFile("\n")).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace blixard::scheduler::traces
