#include "tests/raft/core/text_cases.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace blixard::raft {
namespace {

namespace fs = std::filesystem;

// Comments of the old output by the line they explain; each is used once.
class Comments {
 public:
  void Remember(absl::string_view line) {
    const size_t hash = line.find("  #");
    if (hash == absl::string_view::npos) return;
    const absl::string_view printed = absl::StripTrailingAsciiWhitespace(line.substr(0, hash));
    comments_[std::string(printed)] = std::string(line.substr(printed.size()));
  }

  std::string Take(const std::string& printed) {
    const auto found = comments_.find(printed);
    if (found == comments_.end()) return printed;
    const std::string line = printed + found->second;
    comments_.erase(found);
    return line;
  }

 private:
  std::map<std::string, std::string> comments_;
};

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Beside the sources, not beside the test.
void WriteSource(const fs::path& path, const std::string& text) {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  CHECK(workspace != nullptr) << "--rewrite works under `bazel run` only";
  std::ofstream(fs::path(workspace) / path) << text;
}

std::vector<fs::path> TextFiles(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".txt") files.push_back(file.path());
  }
  CHECK(!files.empty()) << folder << ": want text files";
  std::sort(files.begin(), files.end());
  return files;
}

class TextFileTest : public testing::Test {
 public:
  TextFileTest(fs::path file, TextCaseRunner run, bool rewrite)
      : file_(std::move(file)), run_(std::move(run)), rewrite_(rewrite) {}

  void TestBody() override {
    const std::string text = ReadFile(file_);
    const std::string happened = RunTextCases(text, run_);
    if (rewrite_ && happened != text) return WriteSource(file_, happened);
    EXPECT_EQ(happened, text);
  }

 private:
  const fs::path file_;
  const TextCaseRunner run_;
  const bool rewrite_;
};

void RegisterFolder(const TextCaseFolder& folder, bool rewrite) {
  for (const fs::path& file : TextFiles(folder.folder)) {
    testing::RegisterTest(folder.suite.c_str(), file.stem().c_str(), nullptr, nullptr, file.c_str(),
                          1, [=, make_runner = folder.make_runner]() -> TextFileTest* {
                            return new TextFileTest(file, make_runner(), rewrite);
                          });
  }
}

}  // namespace

std::string RunTextCases(absl::string_view text, const TextCaseRunner& run) {
  std::vector<std::string> result;
  std::vector<std::string> printed;
  Comments comments;
  bool in_output = false;
  const auto end_output = [&] {
    if (printed.empty()) printed.push_back("nothing");
    for (const std::string& line : printed) result.push_back(comments.Take(line));
    printed.clear();
    comments = Comments();
    in_output = false;
  };
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    if (in_output && !line.empty()) {
      comments.Remember(line);
      continue;
    }
    if (in_output) end_output();
    result.emplace_back(line);
    if (line == "----") {
      in_output = true;
    } else if (!line.empty() && line[0] != '#') {
      for (const std::string& lines : run(line)) {
        for (absl::string_view one : absl::StrSplit(lines, '\n')) printed.emplace_back(one);
      }
    }
  }
  if (in_output) end_output();
  return absl::StrCat(absl::StrJoin(result, "\n"), "\n");
}

int TextCasesMain(int argc, char** argv, const std::vector<TextCaseFolder>& folders) {
  testing::InitGoogleTest(&argc, argv);
  const bool rewrite = argc > 1 && absl::string_view(argv[1]) == "--rewrite";
  for (const TextCaseFolder& folder : folders) RegisterFolder(folder, rewrite);
  return RUN_ALL_TESTS();
}

TextCaseArguments::TextCaseArguments(absl::string_view line) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  CHECK(!words.empty()) << "want a command";
  command_ = words.front();
  for (size_t i = 1; i < words.size(); ++i) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(words[i], absl::MaxSplits('=', 1));
    std::vector<std::string>& values = values_[pair.first];
    for (absl::string_view value : absl::StrSplit(pair.second, ',', absl::SkipEmpty())) {
      values.emplace_back(value);
    }
  }
}

std::vector<std::string> TextCaseArguments::Texts(const std::string& key) const {
  return Has(key) ? values_.at(key) : std::vector<std::string>();
}

std::vector<uint64_t> TextCaseArguments::Numbers(const std::string& key) const {
  std::vector<uint64_t> numbers;
  for (const std::string& value : Texts(key)) {
    CHECK(absl::SimpleAtoi(value, &numbers.emplace_back())) << key << ": not a number: " << value;
  }
  return numbers;
}

uint64_t TextCaseArguments::Number(const std::string& key) const {
  const std::vector<uint64_t> numbers = Numbers(key);
  CHECK_EQ(numbers.size(), 1u) << "want one " << key << "=";
  return numbers.front();
}

std::string TextCaseArguments::Text(const std::string& key) const {
  CHECK(Has(key)) << "want " << key << "=";
  return absl::StrJoin(values_.at(key), ",");
}

}  // namespace blixard::raft
