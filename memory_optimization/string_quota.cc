#include "memory_optimization/string_quota.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::memory {

StringAccount::StringAccount(std::string owner, StringQuota quota)
    : owner_(std::move(owner)), quota_(std::move(quota)) {}

absl::Status StringAccount::Check(uint64_t bytes) {
  if (strings_ + 1 > quota_.max_strings) {
    ++refused_;
    return absl::ResourceExhaustedError(
        absl::StrCat(owner_, ": max_strings ", quota_.max_strings, " reached"));
  }
  if (bytes_ + bytes > quota_.max_bytes) {
    ++refused_;
    return absl::ResourceExhaustedError(absl::StrCat(
        owner_, ": max_bytes ", quota_.max_bytes, " reached, in use ", bytes_, ", wanted ", bytes));
  }
  return absl::OkStatus();
}

void StringAccount::Charge(uint64_t bytes) {
  ++strings_;
  bytes_ += bytes;
}

void StringAccount::Refund(uint64_t bytes) {
  CHECK_GE(strings_, 1u) << owner_;
  CHECK_GE(bytes_, bytes) << owner_;
  --strings_;
  bytes_ -= bytes;
}

}  // namespace blixard::memory
