// Text for pages and pictures: escaping, and numbers the way people read them. Pure.
#ifndef BLIXARD_RPC_CLI_CHARTS_SVG_TEXT_H_
#define BLIXARD_RPC_CLI_CHARTS_SVG_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace blixard::rpc {

// Safe as text and inside a quoted attribute: & < > " ' become entities, control characters other
// than line feed and tab become U+FFFD.
std::string EscapeHtml(absl::string_view text);

// "1,234,567".
std::string FormatGrouped(uint64_t value);

// At most three figures that matter below 1,000 ("0.05", "1.25", "12.5", "999"), grouped above. Not
// finite: "n/a".
std::string FormatNumber(double value);

// "850 µs", "1.25 ms", "3 s".
std::string FormatMicroseconds(double us);

// A share of 1 as "87.5 %".
std::string FormatPercent(double share);

// Escaped text as `<title>`, which browsers show as a tooltip and readers read aloud.
std::string TitleElement(absl::string_view text);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CHARTS_SVG_TEXT_H_
