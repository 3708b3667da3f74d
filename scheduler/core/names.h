// Names of nodes and VMs: 1 to 63 of A-Z a-z 0-9 . _ -
#ifndef BLIXARD_SCHEDULER_CORE_NAMES_H_
#define BLIXARD_SCHEDULER_CORE_NAMES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace blixard::scheduler {

inline constexpr size_t kMaxNameBytes = 63;

// Never allocates.
bool IsValidName(absl::string_view name);

struct NamedField {
  absl::string_view field;  // what the error calls it
  absl::string_view value;
};
// kInvalidArgument naming field, expectation and value (cut when it is long or unprintable).
absl::Status ValidateName(NamedField name);

// A name held in place, so that a node or a VM needs no heap for it. Bytes after the name are 0.
class InlineName {
 public:
  InlineName() = default;  // empty: no name
  // CHECKs that `name` is not longer than kMaxNameBytes.
  explicit InlineName(absl::string_view name);

  absl::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }

  friend bool operator==(const InlineName&, const InlineName&) = default;

 private:
  std::array<char, kMaxNameBytes> bytes_{};
  uint8_t size_ = 0;
};
static_assert(sizeof(InlineName) == 64);

// For PositionIndex. Differs between builds for other byte orders: never enters log or digest.
uint32_t HashName(absl::string_view name);

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_NAMES_H_
