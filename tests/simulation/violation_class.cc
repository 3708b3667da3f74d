#include "tests/simulation/violation_class.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace blixard::raft {
namespace {

constexpr absl::string_view kCheck = "Check failed: ";

absl::string_view UpTo(absl::string_view text, absl::string_view mark) {
  return text.substr(0, text.find(mark));
}

}  // namespace

std::string ViolationClass(absl::string_view violation) {
  const size_t check = violation.find(kCheck);
  absl::string_view essence = check == absl::string_view::npos
                                  ? UpTo(violation, ":")
                                  : violation.substr(check + kCheck.size());
  essence = UpTo(UpTo(essence, " ("), "\n");
  std::string words(essence);
  words.erase(std::remove_if(words.begin(), words.end(), absl::ascii_isdigit), words.end());
  return words;
}

}  // namespace blixard::raft
