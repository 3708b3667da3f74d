// Matchers for absl::Status, which Abseil of Debian 12 does not bring.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_STATUS_MATCHERS_H_
#define BLIXARD_TESTS_RAFT_STORAGE_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace blixard::raft {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

// The code, and a matcher of the message.
MATCHER_P2(StatusIs, code, message, "is a status with that code and message") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code &&
         ::testing::ExplainMatchResult(message, StatusOf(arg).message(), result_listener);
}

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_STATUS_MATCHERS_H_
