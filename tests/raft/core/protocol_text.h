// Protocol steps as one line of text each, for scripts and failure messages.
#ifndef BLIXARD_TESTS_RAFT_CORE_PROTOCOL_TEXT_H_
#define BLIXARD_TESTS_RAFT_CORE_PROTOCOL_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/node_status.h"
#include "raft/core/types.h"

namespace blixard::raft {

absl::string_view MessageTypeName(MessageType type);  // as scripts write it: Append, VoteReply

std::string IdText(const EntryId& id);                      // index/term
std::string EntriesText(absl::Span<const Entry> entries);   // 3/2 or 3/2..5/2
std::string PayloadsText(absl::Span<const Entry> entries);  // 3/2:"a" 4/2:empty
std::string MessageText(const Message& message);
std::string StatusText(const NodeStatus& status);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_PROTOCOL_TEXT_H_
