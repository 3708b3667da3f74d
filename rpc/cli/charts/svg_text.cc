#include "rpc/cli/charts/svg_text.h"

#include <fmt/format.h>

#include <cmath>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '&':
      return absl::StrAppend(out, "&amp;");
    case '<':
      return absl::StrAppend(out, "&lt;");
    case '>':
      return absl::StrAppend(out, "&gt;");
    case '"':
      return absl::StrAppend(out, "&quot;");
    case '\'':
      return absl::StrAppend(out, "&#39;");
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
  if (control) return absl::StrAppend(out, kReplacement);
  out->push_back(c);
}

// Cuts ".50" to ".5" and ".00" to nothing.
std::string WithoutTrailingZeros(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) AppendEscaped(c, &escaped);
  return escaped;
}

std::string FormatGrouped(uint64_t value) {
  std::string digits = absl::StrCat(value);
  for (size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits;
}

std::string FormatNumber(double value) {
  if (!std::isfinite(value)) return "n/a";
  const double size = std::fabs(value);
  if (size >= 1e15) return fmt::format("{:.2e}", value);
  if (size >= 999.5) {
    return absl::StrCat(value < 0 ? "-" : "", FormatGrouped(static_cast<uint64_t>(size + 0.5)));
  }
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return WithoutTrailingZeros(fmt::format("{:.{}f}", value, decimals));
}

std::string FormatMicroseconds(double us) {
  if (us < 999.5) return absl::StrCat(FormatNumber(us), " µs");
  if (us < 999'500) return absl::StrCat(FormatNumber(us / 1e3), " ms");
  return absl::StrCat(FormatNumber(us / 1e6), " s");
}

std::string FormatPercent(double share) { return absl::StrCat(FormatNumber(share * 100), " %"); }

std::string TitleElement(absl::string_view text) {
  return absl::StrCat("<title>", EscapeHtml(text), "</title>");
}

}  // namespace blixard::rpc
