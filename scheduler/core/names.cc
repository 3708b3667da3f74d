#include "scheduler/core/names.h"

#include <glog/logging.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

bool IsNameByte(char byte) {
  return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '.' || byte == '_' ||
         byte == '-';
}

}  // namespace

bool IsValidName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), IsNameByte);
}

absl::Status ValidateName(NamedField name) {
  if (IsValidName(name.value)) return absl::OkStatus();
  const absl::string_view shown = name.value.substr(0, kMaxNameBytes + 1);
  return absl::InvalidArgumentError(
      absl::StrCat(name.field, ": want 1 to ", kMaxNameBytes, " of A-Z a-z 0-9 . _ -, got \"",
                   absl::CHexEscape(shown), shown.size() < name.value.size() ? "..." : "", "\" (",
                   name.value.size(), " bytes)"));
}

InlineName::InlineName(absl::string_view name) : size_(static_cast<uint8_t>(name.size())) {
  CHECK_LE(name.size(), kMaxNameBytes);
  if (!name.empty()) std::memcpy(bytes_.data(), name.data(), name.size());
}

uint32_t HashName(absl::string_view name) {
  return static_cast<uint32_t>(XXH3_64bits(name.data(), name.size()));
}

}  // namespace blixard::scheduler
