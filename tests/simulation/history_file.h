// Histories as text for our checker and for others: one JSON object per line, all nine fields in
// this order, null for what an operation does not have:
//
//   {"client":1,"op":"cas","key":"k","value":"b","expected":"a","result":"a","call_ns":10,
//    "return_ns":25,"status":"ok"}
//
// (on one line). `result` of a read is the value read, of a cas the value that stood there: it
// swapped exactly if result equals expected. `return_ns` is null exactly if status is "unknown".
#ifndef BLIXARD_TESTS_SIMULATION_HISTORY_FILE_H_
#define BLIXARD_TESTS_SIMULATION_HISTORY_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/simulation/history.h"

namespace blixard::raft {

// One line, with its newline.
std::string FormatOperation(const Operation& operation);
std::string FormatHistory(const History& history);

// Fields may come in any order; blank lines are skipped. kInvalidArgument naming line, field,
// expectation and value for everything else: unknown, repeated or missing fields, a return before
// the call, a status that contradicts return_ns, values where the operation has none.
absl::StatusOr<History> ParseHistory(absl::string_view text);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_HISTORY_FILE_H_
