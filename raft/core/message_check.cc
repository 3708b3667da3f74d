#include "raft/core/message_check.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

absl::Status CheckEntries(const Message& append) {
  EntryId before = append.log;
  for (const Entry& entry : append.entries) {
    if (entry.index != before.index + 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "message.entries: want index ", before.index.value + 1, ", got ", entry.index.value));
    }
    if (entry.term < before.term || entry.term > append.term || entry.term == Term{0}) {
      return absl::InvalidArgumentError(
          absl::StrCat("message.entries: want term ", before.term.value, " to ", append.term.value,
                       " and > 0 at index ", entry.index.value, ", got ", entry.term.value));
    }
    before = entry.id();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckMessage(const Message& message) {
  if (message.type < MessageType::kPreVote || message.type > kLastMessageType) {
    return absl::InvalidArgumentError(absl::StrCat("message.type: want 1 to ",
                                                   static_cast<int>(kLastMessageType), ", got ",
                                                   static_cast<int>(message.type)));
  }
  if (message.term == Term{0}) {
    // Only a replica that never took part in an election is in term 0, and it only answers
    // refusals.
    const bool refuses = message.reject && (message.type == MessageType::kPreVoteReply ||
                                            message.type == MessageType::kReadIndexReply);
    if (!refuses) return absl::InvalidArgumentError("message.term: want > 0, got 0");
  }
  if (message.type != MessageType::kSnapshot && message.payload.size() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("message.payload: want none in a message of type ",
                     static_cast<int>(message.type), ", got ", message.payload.size(), " bytes"));
  }
  if (message.type != MessageType::kAppend && !message.entries.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("message.entries: want none in a message of type ",
                     static_cast<int>(message.type), ", got ", message.entries.size()));
  }
  const bool has_log_id =
      message.type == MessageType::kAppend || message.type == MessageType::kVote ||
      message.type == MessageType::kPreVote || message.type == MessageType::kSnapshot ||
      message.type == MessageType::kTimeoutNow;
  if (has_log_id && (message.log.index == LogIndex{0}) != (message.log.term == Term{0})) {
    return absl::InvalidArgumentError(
        absl::StrCat("message.log: want index and term both 0 or both above, got index ",
                     message.log.index.value, " term ", message.log.term.value));
  }
  if (has_log_id && message.log.term > message.term) {
    return absl::InvalidArgumentError(absl::StrCat("message.log.term: want <= ", message.term.value,
                                                   " (message.term), got ",
                                                   message.log.term.value));
  }
  return CheckEntries(message);
}

}  // namespace blixard::raft
