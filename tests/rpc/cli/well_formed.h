// Whether every element of a page is closed in its order, and every attribute quoted: what strict
// readers ask of it.
#ifndef BLIXARD_TESTS_RPC_CLI_WELL_FORMED_H_
#define BLIXARD_TESTS_RPC_CLI_WELL_FORMED_H_

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace blixard::rpc {

// What is wrong first, or "" when nothing is. Knows what our pages use: elements, quoted
// attributes,
// <!DOCTYPE html>, <meta> without an end, text with entities, <style> without markup in it.
inline std::string WhatIsMalformed(absl::string_view html) {
  std::vector<std::string> open;
  size_t at = 0;
  while ((at = html.find('<', at)) != absl::string_view::npos) {
    size_t end = at;
    bool quoted = false;
    while (end < html.size() && (html[end] != '>' || quoted)) {
      if (html[end] == '"') quoted = !quoted;
      if (html[end] == '<' && end != at) return absl::StrCat("< inside a tag at ", end);
      ++end;
    }
    if (end == html.size()) return absl::StrCat("tag never ends, from ", at);
    const absl::string_view tag = html.substr(at + 1, end - at - 1);
    const std::string name(tag.substr(0, tag.find_first_of(" /\n", 1)));
    at = end + 1;
    if (name == "!DOCTYPE" || name == "meta" || absl::EndsWith(tag, "/")) continue;
    if (!absl::StartsWith(tag, "/")) {
      open.push_back(name);
      continue;
    }
    if (open.empty() || tag.substr(1) != open.back()) {
      return absl::StrCat("<", tag, "> closes ", open.empty() ? "nothing" : open.back());
    }
    open.pop_back();
  }
  return open.empty() ? "" : absl::StrCat("<", open.back(), "> stays open");
}

inline size_t CountOf(absl::string_view needle, absl::string_view text) {
  size_t count = 0;
  for (size_t at = text.find(needle); at != absl::string_view::npos;
       at = text.find(needle, at + needle.size())) {
    ++count;
  }
  return count;
}

}  // namespace blixard::rpc

#endif  // BLIXARD_TESTS_RPC_CLI_WELL_FORMED_H_
