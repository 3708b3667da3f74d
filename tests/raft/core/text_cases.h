// Text files of cases: command lines, `----`, what they print, an empty line. Lines that start with
// `#` are comments; a comment behind two spaces and `#` explains a printed line and survives
// --rewrite as long as that line does.
//
// A test's main is one call of TextCasesMain, which makes one gtest of each file. To accept what
// changed after reading the difference:
//   bazel run //the:test -- --rewrite
#ifndef BLIXARD_TESTS_RAFT_CORE_TEXT_CASES_H_
#define BLIXARD_TESTS_RAFT_CORE_TEXT_CASES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace blixard::raft {

// Carries out one command line and returns what it printed; may keep state from line to line.
using TextCaseRunner = std::function<std::vector<std::string>(absl::string_view line)>;

// The whole text with what stands between `----` and an empty line replaced by what was printed,
// "nothing" when that is nothing.
std::string RunTextCases(absl::string_view text, const TextCaseRunner& run);

struct TextCaseFolder {
  std::string suite;                            // of the tests, one word
  std::string folder;                           // in the source tree; each .txt in it is one test
  std::function<TextCaseRunner()> make_runner;  // one runner per file
};

// Registers one test per file of each folder, then runs all tests of the program.
int TextCasesMain(int argc, char** argv, const std::vector<TextCaseFolder>& folders);

// The `key=value` words behind a command; `key=a key=b` and `key=a,b` are the same. What a command
// needs and is not there, or cannot be read, stops the test (CHECK).
class TextCaseArguments {
 public:
  explicit TextCaseArguments(absl::string_view line);

  const std::string& command() const { return command_; }
  bool Has(const std::string& key) const { return values_.contains(key); }
  std::vector<std::string> Texts(const std::string& key) const;  // none when the key is not there
  std::vector<uint64_t> Numbers(const std::string& key) const;
  uint64_t Number(const std::string& key) const;
  std::string Text(const std::string& key) const;

 private:
  std::string command_;
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_TEXT_CASES_H_
