#include "tests/simulation/history_file.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace blixard::raft {
namespace {

constexpr std::array<absl::string_view, 9> kFields = {
    "client", "op", "key", "value", "expected", "result", "call_ns", "return_ns", "status"};
constexpr std::array<absl::string_view, 3> kKinds = {"read", "write", "cas"};
constexpr std::array<absl::string_view, 3> kStatuses = {"ok", "fail", "unknown"};

void AppendQuoted(absl::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      // Values are bytes: each is written as the code point of the same number.
      absl::StrAppend(&out, "\\u00", absl::Hex(byte, absl::kZeroPad2));
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string Quoted(const RegisterValue& value) {
  if (!value.has_value()) return "null";
  std::string out;
  AppendQuoted(*value, out);
  return out;
}

using JsonValue = std::variant<std::monostate, int64_t, std::string>;  // null, integer, string

// Reads one flat object. Every method returns nothing where the text is not what it wants.
class LineReader {
 public:
  explicit LineReader(absl::string_view line) : rest_(line) {}

  bool Take(char c) {
    SkipSpace();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool AtEnd() {
    SkipSpace();
    return rest_.empty();
  }

  std::optional<std::string> String() {
    if (!Take('"')) return std::nullopt;
    std::string out;
    while (!rest_.empty() && rest_.front() != '"') {
      const std::optional<char> c = Character();
      if (!c.has_value()) return std::nullopt;
      out += *c;
    }
    if (!Take('"')) return std::nullopt;
    return out;
  }

  std::optional<JsonValue> Value() {
    SkipSpace();
    if (rest_.substr(0, 4) == "null") {
      rest_.remove_prefix(4);
      return JsonValue();
    }
    if (!rest_.empty() && rest_.front() == '"') {
      std::optional<std::string> text = String();
      if (!text.has_value()) return std::nullopt;
      return JsonValue(*std::move(text));
    }
    const size_t length = std::min(rest_.find_first_not_of("-0123456789"), rest_.size());
    int64_t number = 0;
    if (!absl::SimpleAtoi(rest_.substr(0, length), &number)) return std::nullopt;
    rest_.remove_prefix(length);
    return JsonValue(number);
  }

  absl::string_view rest() const { return rest_; }

 private:
  void SkipSpace() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  std::optional<char> Character() {
    const char c = rest_.front();
    if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    rest_.remove_prefix(1);
    if (c != '\\') return c;
    if (rest_.empty()) return std::nullopt;
    const char escaped = rest_.front();
    rest_.remove_prefix(1);
    switch (escaped) {
      case '"':
      case '\\':
      case '/':
        return escaped;
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'u':
        return Unicode();
      default:
        return std::nullopt;
    }
  }

  std::optional<char> Unicode() {
    uint32_t code = 0;
    if (rest_.size() < 4 || !absl::SimpleHexAtoi(rest_.substr(0, 4), &code) || code > 0xff) {
      return std::nullopt;
    }
    rest_.remove_prefix(4);
    return static_cast<char>(code);
  }

  absl::string_view rest_;
};

// The fields of one line, by their place in kFields.
using Fields = std::array<std::optional<JsonValue>, kFields.size()>;

template <size_t N>
std::optional<size_t> PlaceOf(absl::string_view name, const std::array<absl::string_view, N>& of) {
  for (size_t i = 0; i < N; ++i) {
    if (of[i] == name) return i;
  }
  return std::nullopt;
}

absl::Status Wrong(absl::string_view field, absl::string_view want, absl::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": want ", want, ", got ", got));
}

std::string Shown(const JsonValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return Quoted(*text);
  return "null";
}

absl::StatusOr<Fields> ReadFields(absl::string_view line) {
  LineReader reader(line);
  Fields fields;
  if (!reader.Take('{')) return Wrong("line", "an object {...}", line.substr(0, 20));
  do {
    const std::optional<std::string> name = reader.String();
    if (!name.has_value() || !reader.Take(':')) {
      return Wrong("line", "\"field\":", reader.rest().substr(0, 20));
    }
    const std::optional<size_t> place = PlaceOf(*name, kFields);
    if (!place.has_value()) return Wrong("field", "one of the nine of history_file.h", *name);
    if (fields[*place].has_value()) return Wrong(*name, "it once", "it twice");
    fields[*place] = reader.Value();
    if (!fields[*place].has_value()) {
      return Wrong(*name, "null, an integer or a string", reader.rest().substr(0, 20));
    }
  } while (reader.Take(','));
  if (!reader.Take('}') || !reader.AtEnd()) {
    return Wrong("line", "its end after }", reader.rest().substr(0, 20));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].has_value()) return Wrong(kFields[i], "a value or null", "no such field");
  }
  return fields;
}

// Typed access to the fields of a line; remembers the first error.
class FieldReader {
 public:
  explicit FieldReader(const Fields& fields) : fields_(fields) {}

  int64_t Integer(absl::string_view name, int64_t at_least) {
    const JsonValue& value = At(name);
    const auto* number = std::get_if<int64_t>(&value);
    if (number != nullptr && *number >= at_least) return *number;
    Fail(name, absl::StrCat("an integer >= ", at_least), value);
    return at_least;
  }

  std::optional<int64_t> OptionalInteger(absl::string_view name, int64_t at_least) {
    if (std::holds_alternative<std::monostate>(At(name))) return std::nullopt;
    return Integer(name, at_least);
  }

  std::string String(absl::string_view name) {
    const JsonValue& value = At(name);
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    Fail(name, "a string", value);
    return "";
  }

  RegisterValue OptionalString(absl::string_view name) {
    if (std::holds_alternative<std::monostate>(At(name))) return std::nullopt;
    return String(name);
  }

  size_t OneOf(absl::string_view name, const std::array<absl::string_view, 3>& names) {
    const std::string text = String(name);
    if (const std::optional<size_t> place = PlaceOf(text, names)) return *place;
    Fail(name, absl::StrCat(names[0], ", ", names[1], " or ", names[2]), At(name));
    return 0;
  }

  void Require(bool holds, absl::string_view name, absl::string_view want) {
    if (!holds) Fail(name, want, At(name));
  }

  const absl::Status& status() const { return status_; }

 private:
  const JsonValue& At(absl::string_view name) const { return *fields_[*PlaceOf(name, kFields)]; }

  void Fail(absl::string_view name, absl::string_view want, const JsonValue& got) {
    if (status_.ok()) status_ = Wrong(name, want, Shown(got));
  }

  const Fields& fields_;
  absl::Status status_;
};

absl::StatusOr<Operation> ParseOperation(absl::string_view line) {
  absl::StatusOr<Fields> fields = ReadFields(line);
  if (!fields.ok()) return fields.status();
  FieldReader reader(*fields);
  Operation operation;
  operation.client = static_cast<uint64_t>(reader.Integer("client", 0));
  operation.kind = static_cast<OperationKind>(reader.OneOf("op", kKinds));
  operation.key = reader.String("key");
  operation.value = reader.OptionalString("value");
  operation.expected = reader.OptionalString("expected");
  operation.result = reader.OptionalString("result");
  operation.call_ns = reader.Integer("call_ns", std::numeric_limits<int64_t>::min());
  operation.return_ns = reader.OptionalInteger("return_ns", operation.call_ns);
  operation.status = static_cast<OperationStatus>(reader.OneOf("status", kStatuses));

  const bool unknown = operation.status == OperationStatus::kUnknown;
  reader.Require(unknown != operation.return_ns.has_value(), "return_ns",
                 unknown ? "null while status is unknown" : "an integer");
  const bool has_result =
      operation.status == OperationStatus::kOk && operation.kind != OperationKind::kWrite;
  reader.Require(has_result || !operation.result.has_value(), "result",
                 "null unless a read or cas is ok");
  reader.Require(operation.kind != OperationKind::kRead || !operation.value.has_value(), "value",
                 "null for a read");
  reader.Require(operation.kind == OperationKind::kCas || !operation.expected.has_value(),
                 "expected", "null unless op is cas");
  if (!reader.status().ok()) return reader.status();
  return operation;
}

}  // namespace

std::string FormatOperation(const Operation& operation) {
  std::string line = absl::StrCat("{\"client\":", operation.client, ",\"op\":\"",
                                  kKinds[static_cast<size_t>(operation.kind)], "\",\"key\":");
  AppendQuoted(operation.key, line);
  const std::string returned =
      operation.return_ns.has_value() ? absl::StrCat(*operation.return_ns) : "null";
  absl::StrAppend(&line, ",\"value\":", Quoted(operation.value));
  absl::StrAppend(&line, ",\"expected\":", Quoted(operation.expected));
  absl::StrAppend(&line, ",\"result\":", Quoted(operation.result),
                  ",\"call_ns\":", operation.call_ns, ",\"return_ns\":", returned, ",\"status\":\"",
                  kStatuses[static_cast<size_t>(operation.status)], "\"}\n");
  return line;
}

std::string FormatHistory(const History& history) {
  std::string text;
  for (const Operation& operation : history) text += FormatOperation(operation);
  return text;
}

absl::StatusOr<History> ParseHistory(absl::string_view text) {
  History history;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.find_first_not_of(" \t\r") == absl::string_view::npos) continue;
    absl::StatusOr<Operation> operation = ParseOperation(line);
    if (!operation.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": ", operation.status().message()));
    }
    history.push_back(*std::move(operation));
  }
  return history;
}

}  // namespace blixard::raft
