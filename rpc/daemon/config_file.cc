#include "rpc/daemon/config_file.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace blixard::rpc {
namespace {

// "name = value" on one line, whatever number of lines it took.
struct Statement {
  size_t line = 0;  // where it begins, from 1
  std::string text;
};

// Without remark and blanks; what a remark is is CLI11's rule.
std::string Content(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
  return absl::StartsWith(line, ";") ? "" : std::string(line);
}

// CLI11 would cut the value there, and take the rest of the line for a remark.
bool HasRemarkInQuotes(absl::string_view line) {
  if (Content(line).empty()) return false;
  char quote = 0;  // the open one
  for (const char c : line) {
    if (c == '#') return quote != 0;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    }
  }
  return false;
}

bool IsOpenList(absl::string_view text) {
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos) return false;
  return absl::StartsWith(absl::StripAsciiWhitespace(text.substr(equals + 1)), "[") &&
         !absl::EndsWith(text, "]");
}

absl::StatusOr<std::vector<Statement>> ReadStatements(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": want a file, got a directory"));
  }
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": want a file, cannot read it"));
  std::vector<Statement> statements;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (HasRemarkInQuotes(line)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", number, ": want no # between quotes, got ", line));
    }
    const bool goes_on = !statements.empty() && IsOpenList(statements.back().text);
    if (!goes_on) {
      if (std::string text = Content(line); !text.empty()) statements.push_back({number, text});
    } else {
      absl::StrAppend(&statements.back().text, Content(line));
    }
  }
  if (!statements.empty() && IsOpenList(statements.back().text)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ":", statements.back().line, ": want ] behind the values, got the end of the file"));
  }
  return statements;
}

// What a line says, by CLI11's rules: nothing or one item.
std::vector<CLI::ConfigItem> Parse(const Statement& statement) {
  std::istringstream text(statement.text);
  return CLI::ConfigTOML().from_config(text);
}

// Sets the option that a line names, unless the command line has.
absl::Status Set(const CLI::ConfigItem& item, const Statement& statement, CLI::App& command) {
  CLI::Option* const option = command.get_option_no_throw("--" + item.name);
  if (option == nullptr || !option->get_configurable() || !item.parents.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("want a line like: id = 1, with the name of a flag that a file may set, got ",
                     statement.text));
  }
  if (option->count() > 0) return absl::OkStatus();
  try {  // CLI11 reports by throwing
    option->add_result(item.inputs);
    option->run_callback();
  } catch (const CLI::Error& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return absl::OkStatus();
}

// The settings of a file so far.
class Settings {
 public:
  // CLI11 would take the first value, or both for a list.
  absl::Status Note(const CLI::ConfigItem& item, const Statement& statement) {
    Seen now{.line = statement.line, .values = absl::StrJoin(item.inputs, ",")};
    const auto [before, fresh] = seen_.emplace(item.fullname(), now);
    if (fresh) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(item.fullname(), ": want it once, got ",
                                                   now.values, " after ", before->second.values,
                                                   " in line ", before->second.line));
  }

 private:
  struct Seen {
    size_t line = 0;
    std::string values;
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace

absl::Status ReadConfigFile(const std::string& path, CLI::App& command) {
  const absl::StatusOr<std::vector<Statement>> statements = ReadStatements(path);
  if (!statements.ok()) return statements.status();
  Settings settings;
  for (const Statement& statement : *statements) {
    for (const CLI::ConfigItem& item : Parse(statement)) {
      absl::Status done = settings.Note(item, statement);
      if (done.ok()) done = Set(item, statement, command);
      if (!done.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ":", statement.line, ": ", done.message()));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace blixard::rpc
