#include "rpc/client/member_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

std::string Wanted(const absl::AlphaNum& got) {
  return absl::StrCat("want an id from 1 to ", kMaxMemberId, ", got ", got);
}

}  // namespace

absl::Status CheckMemberId(absl::string_view field, uint64_t id) {
  if (id >= 1 && id <= kMaxMemberId) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", Wanted(id)));
}

std::string WrongMemberId(const std::string& text) {
  uint64_t id = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (digits && absl::SimpleAtoi(text, &id) && CheckMemberId("", id).ok()) return "";
  return Wanted(text);
}

}  // namespace blixard::rpc
