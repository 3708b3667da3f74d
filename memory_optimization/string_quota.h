// How many texts, and of how many bytes, somebody may bring into a string pool: what keeps
// untrusted input from filling the memory.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_STRING_QUOTA_H_
#define BLIXARD_MEMORY_OPTIMIZATION_STRING_QUOTA_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace blixard::memory {

struct StringQuota {
  std::string name = {};
  size_t max_strings = size_t{1} << 20;
  size_t max_bytes = size_t{64} << 20;  // of the texts with their headers
};

// What is used of a quota. Not thread-safe.
class StringAccount {
 public:
  // `owner` stands in front of errors: "string pool tenants", "string pool tenants, namespace
  // acme".
  StringAccount(std::string owner, StringQuota quota);

  // kResourceExhausted, naming the owner, the quota and its value: no room for another text of
  // `bytes`. Counts the refusal.
  absl::Status Check(uint64_t bytes);
  void Charge(uint64_t bytes);
  void Refund(uint64_t bytes);

  const StringQuota& quota() const { return quota_; }
  const std::string& owner() const { return owner_; }
  uint64_t strings() const { return strings_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t refused() const { return refused_; }

 private:
  const std::string owner_;
  const StringQuota quota_;
  uint64_t strings_ = 0;
  uint64_t bytes_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_STRING_QUOTA_H_
