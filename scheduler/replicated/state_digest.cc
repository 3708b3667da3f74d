#include "scheduler/replicated/state_digest.h"

#include <xxhash.h>

#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

StateDigest HashElement(absl::string_view element) {
  const XXH128_hash_t hash = XXH3_128bits(element.data(), element.size());
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace

void StateDigest::Add(absl::string_view element) { *this += HashElement(element); }

void StateDigest::Remove(absl::string_view element) { *this -= HashElement(element); }

StateDigest& StateDigest::operator+=(const StateDigest& other) {
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
  return *this;
}

StateDigest& StateDigest::operator-=(const StateDigest& other) {
  high -= other.high + (low < other.low ? 1 : 0);
  low -= other.low;
  return *this;
}

std::string FormatDigest(const StateDigest& digest) {
  return absl::StrCat(absl::Hex(digest.high, absl::kZeroPad16),
                      absl::Hex(digest.low, absl::kZeroPad16));
}

std::ostream& operator<<(std::ostream& out, const StateDigest& digest) {
  return out << FormatDigest(digest);
}

}  // namespace blixard::scheduler
