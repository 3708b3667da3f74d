#include "scheduler/core/resources.h"

#include <glog/logging.h>

#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

bool IsValidAmount(const Dimension& dimension, uint32_t amount) {
  return amount <= kMaxAmount && (amount > 0 || !dimension.required);
}

}  // namespace

Resources operator+(const Resources& left, const Resources& right) {
  Resources sum;
  for (const Dimension& dimension : kDimensions) {
    const uint64_t amount = uint64_t{left.*dimension.amount} + right.*dimension.amount;
    CHECK_LE(amount, kMaxAmount) << dimension.name << ": " << left << " + " << right;
    sum.*dimension.amount = static_cast<uint32_t>(amount);
  }
  return sum;
}

Resources operator-(const Resources& left, const Resources& right) {
  Resources difference;
  for (const Dimension& dimension : kDimensions) {
    CHECK_GE(left.*dimension.amount, right.*dimension.amount)
        << dimension.name << ": " << left << " - " << right;
    difference.*dimension.amount = left.*dimension.amount - right.*dimension.amount;
  }
  return difference;
}

bool IsValidResources(const Resources& resources) {
  for (const Dimension& dimension : kDimensions) {
    if (!IsValidAmount(dimension, resources.*dimension.amount)) return false;
  }
  return true;
}

absl::Status ValidateResources(absl::string_view field, const Resources& resources) {
  for (const Dimension& dimension : kDimensions) {
    const uint32_t amount = resources.*dimension.amount;
    if (IsValidAmount(dimension, amount)) continue;
    return absl::InvalidArgumentError(absl::StrCat(field, ".", dimension.name, ": want ",
                                                   dimension.required ? 1 : 0, " to ", kMaxAmount,
                                                   ", got ", amount));
  }
  return absl::OkStatus();
}

std::ostream& operator<<(std::ostream& out, const Resources& resources) {
  const char* separator = "{";
  for (const Dimension& dimension : kDimensions) {
    out << separator << dimension.name << " " << resources.*dimension.amount;
    separator = ", ";
  }
  return out << "}";
}

}  // namespace blixard::scheduler
