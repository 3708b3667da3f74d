// 128 bits over a set of elements that can be added and taken away in any order at O(1) each: the
// sum, modulo 2^128, of the XXH3-128 of every element's canonical bytes. Equal sets have equal
// digests on every replica; different sets differ but for an accident of 2^-128. It finds faults of
// memory, code and build, not an attacker, who could construct a collision.
#ifndef BLIXARD_SCHEDULER_REPLICATED_STATE_DIGEST_H_
#define BLIXARD_SCHEDULER_REPLICATED_STATE_DIGEST_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace blixard::scheduler {

struct StateDigest {
  uint64_t high = 0;
  uint64_t low = 0;

  void Add(absl::string_view element);
  void Remove(absl::string_view element);  // must have been added; not noticed if it was not

  StateDigest& operator+=(const StateDigest& other);
  StateDigest& operator-=(const StateDigest& other);
  friend bool operator==(const StateDigest&, const StateDigest&) = default;
};

std::string FormatDigest(const StateDigest& digest);  // 32 hex digits
std::ostream& operator<<(std::ostream& out, const StateDigest& digest);

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_STATE_DIGEST_H_
