#include "memory_optimization/chunk_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace blixard::memory {
namespace {

// Hands out `text` in pieces of at most `max_piece` bytes, with what may happen in between.
class ScriptedSource final : public ReadSource {
 public:
  struct Script {
    std::string text = {};
    size_t max_piece = SIZE_MAX;
    int interrupts_before_each_piece = 0;  // EINTR
    int error_at_end = 0;                  // errno in place of the end
  };
  explicit ScriptedSource(Script script) : script_(std::move(script)) {}

  ssize_t Read(char* into, size_t max_bytes) override {
    if (interrupts_++ % (script_.interrupts_before_each_piece + 1) !=
        script_.interrupts_before_each_piece) {
      errno = EINTR;
      return -1;
    }
    const size_t bytes = std::min({max_bytes, script_.max_piece, script_.text.size() - at_});
    if (bytes == 0 && script_.error_at_end != 0) {
      errno = script_.error_at_end;
      return -1;
    }
    std::memcpy(into, script_.text.data() + at_, bytes);
    at_ += bytes;
    return static_cast<ssize_t>(bytes);
  }

 private:
  const Script script_;
  size_t at_ = 0;
  int interrupts_ = 0;
};

using Lines = std::vector<std::string>;

Lines ReadLines(ChunkReader& reader) {
  Lines lines;
  while (const std::optional<std::string_view> line = reader.NextLine()) lines.emplace_back(*line);
  return lines;
}

struct Result {
  Lines lines;
  absl::Status status;
};
Result Read(ScriptedSource::Script script, ChunkReaderOptions options = {}) {
  ScriptedSource source(std::move(script));
  ChunkReader reader(source, std::move(options));
  Lines lines = ReadLines(reader);
  return {std::move(lines), reader.status()};
}

TEST(ChunkReaderTest, LineEnds) {
  struct Case {
    std::string name;
    std::string text;
    Lines want;
  };
  for (const Case& c :
       std::vector<Case>{{"empty", "", {}},
                         {"one line", "a\n", {"a"}},
                         {"missing last end", "a\nb", {"a", "b"}},
                         {"blank lines", "\n\na\n\n", {"", "", "a", ""}},
                         {"CR LF", "a\r\nb\r\n\r\n", {"a", "b", ""}},
                         {"lone CR is text", "a\rb\n\r", {"a\rb", "\r"}},
                         {"two CRs", "a\r\r\n", {"a\r"}},
                         {"NUL is text", std::string("a\0b\n", 4), {{"a\0b", 3}}}}) {
    SCOPED_TRACE(c.name);
    for (const size_t piece : {1u, 2u, 3u, 100u}) {
      const Result result = Read({.text = c.text, .max_piece = piece}, {.chunk_bytes = 3});
      EXPECT_EQ(result.lines, c.want) << "pieces of " << piece;
      EXPECT_TRUE(result.status.ok()) << result.status;
    }
  }
}

TEST(ChunkReaderTest, LineAtTheBoundPassesAndOneByteMoreIsAnErrorThatNamesIt) {
  for (const std::string end : {"\n", "\r\n", ""}) {
    for (const size_t chunk : {1u, 7u, 1000u}) {
      const ChunkReaderOptions options = {
          .name = "t.csv", .max_line_bytes = 10, .chunk_bytes = chunk};
      const Result fits = Read({.text = "1\n" + std::string(10, 'x') + end}, options);
      EXPECT_EQ(fits.lines, (Lines{"1", std::string(10, 'x')}));
      EXPECT_TRUE(fits.status.ok()) << fits.status;
      const Result beyond = Read({.text = "1\n" + std::string(11, 'x') + end + "after\n"}, options);
      if (end.empty()) {  // "after" belongs to the long line
        EXPECT_EQ(beyond.lines, Lines{"1"});
      }
      EXPECT_EQ(beyond.lines, Lines{"1"});
      EXPECT_EQ(beyond.status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_EQ(beyond.status.message(), "t.csv:2: line: want at most 10 bytes, got more");
    }
  }
}

TEST(ChunkReaderTest, ErrorIsForGood) {
  ScriptedSource source({.text = "too long a line\nshort\n"});
  ChunkReader reader(source, {.max_line_bytes = 8});
  EXPECT_EQ(reader.NextLine(), std::nullopt);
  EXPECT_EQ(reader.NextLine(), std::nullopt);
  EXPECT_EQ(reader.NextChunk(), std::nullopt);
  EXPECT_FALSE(reader.status().ok());
}

TEST(ChunkReaderTest, EndlessLineIsStoppedInConstantMemory) {
  class Endless final : public ReadSource {
   public:
    ssize_t Read(char* into, size_t max_bytes) override {
      std::memset(into, 'x', max_bytes);
      read_bytes += max_bytes;
      return static_cast<ssize_t>(max_bytes);
    }
    size_t read_bytes = 0;
  };
  Endless source;
  ChunkReader reader(source, {.max_line_bytes = 1000, .chunk_bytes = 100});
  EXPECT_EQ(reader.NextLine(), std::nullopt);
  EXPECT_LE(source.read_bytes, 1200u);
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ChunkReaderTest, InterruptedReadsAreRepeated) {
  const Result result = Read({.text = "a\nb\n", .max_piece = 1, .interrupts_before_each_piece = 3});
  EXPECT_EQ(result.lines, (Lines{"a", "b"}));
  EXPECT_TRUE(result.status.ok()) << result.status;
}

TEST(ChunkReaderTest, ReadErrorKeepsWholeLinesAndDropsTheTornOne) {
  const Result result = Read({.text = "whole\nto", .error_at_end = EIO}, {.name = "disk"});
  EXPECT_EQ(result.lines, Lines{"whole"});
  EXPECT_EQ(result.status.message(), "disk: read: Input/output error");
}

TEST(ChunkReaderTest, LinesAreCounted) {
  ScriptedSource source({.text = "a\n\nb"});
  ChunkReader reader(source);
  EXPECT_EQ(reader.line_number(), 0u);
  for (uint64_t line = 1; reader.NextLine(); ++line) EXPECT_EQ(reader.line_number(), line);
  EXPECT_EQ(reader.line_number(), 3u);
}

TEST(ChunkReaderTest, ChunksAreAllTheBytesInOrder) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i);
  ScriptedSource source({.text = text, .max_piece = 777});
  ChunkReader reader(source, {.max_line_bytes = 1, .chunk_bytes = 1000});
  std::string all;
  while (const std::optional<std::string_view> chunk = reader.NextChunk()) all += *chunk;
  EXPECT_EQ(all, text);
  EXPECT_TRUE(reader.status().ok());
}

TEST(ChunkReaderTest, LinesAndChunksMayBeMixed) {
  ScriptedSource source({.text = "header\nbinary \n data"});
  ChunkReader reader(source);
  EXPECT_EQ(reader.NextLine(), "header");
  EXPECT_EQ(reader.NextChunk(), "binary \n data");
  EXPECT_EQ(reader.NextLine(), std::nullopt);
}

TEST(ChunkReaderTest, RandomTextsComeBackWhateverTheReadsWere) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    Lines want;
    std::string text;
    for (size_t i = random() % 50; i > 0; --i) {
      std::string line(random() % 41, 'x');
      for (char& c : line) c = static_cast<char>('a' + random() % 26);
      text += line + (random() % 2 == 0 ? "\n" : "\r\n");
      want.push_back(std::move(line));
    }
    const Result result = Read({.text = text,
                                .max_piece = 1 + random() % 60,
                                .interrupts_before_each_piece = static_cast<int>(random() % 2)},
                               {.max_line_bytes = 40, .chunk_bytes = 1 + random() % 100});
    ASSERT_EQ(result.lines, want);
    ASSERT_TRUE(result.status.ok()) << result.status;
  }
}

TEST(ChunkReaderTest, ReadsFiles) {
  const std::string path = testing::TempDir() + "/lines";
  std::ofstream(path) << "one\ntwo\n";
  const auto source = DescriptorSource::Open(path);
  ASSERT_TRUE(source.ok()) << source.status();
  ChunkReader reader(**source, {.name = path});
  EXPECT_EQ(ReadLines(reader), (Lines{"one", "two"}));
}

TEST(ChunkReaderTest, FilesThatCannotBeReadAreNamed) {
  EXPECT_EQ(DescriptorSource::Open("/no/such").status().message(),
            "/no/such: open: No such file or directory");
  const auto directory = DescriptorSource::Open(testing::TempDir());
  ASSERT_TRUE(directory.ok()) << directory.status();
  ChunkReader reader(**directory, {.name = "dir"});
  EXPECT_EQ(reader.NextLine(), std::nullopt);
  EXPECT_EQ(reader.status().message(), "dir: read: Is a directory");
}

TEST(ChunkReaderDeathTest, SizesAreChecked) {
  ScriptedSource source({});
  EXPECT_DEATH(ChunkReader(source, {.max_line_bytes = 0}),
               "max_line_bytes: want 1 to 1 GiB, got 0");
  EXPECT_DEATH(ChunkReader(source, {.chunk_bytes = SIZE_MAX}), "chunk_bytes: want 1 to 1 GiB");
}

}  // namespace
}  // namespace blixard::memory
