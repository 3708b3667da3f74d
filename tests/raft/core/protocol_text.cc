#include "tests/raft/core/protocol_text.h"

#include <glog/logging.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace blixard::raft {
namespace {

std::string Number(ReplicaId id) { return absl::StrCat(static_cast<uint64_t>(id)); }

std::string Answer(const Message& message) { return message.reject ? "no" : "yes"; }

std::string PeerText(const PeerStatus& peer) {
  return absl::StrCat("  ", Number(peer.id), " ", ProgressStateName(peer.state),
                      " match=", peer.match.value, " next=", peer.next.value,
                      " inflight=", peer.inflight_messages, peer.paused ? " paused" : "");
}

}  // namespace

absl::string_view MessageTypeName(MessageType type) {
  switch (type) {
    case MessageType::kPreVote:
      return "PreVote";
    case MessageType::kPreVoteReply:
      return "PreVoteReply";
    case MessageType::kVote:
      return "Vote";
    case MessageType::kVoteReply:
      return "VoteReply";
    case MessageType::kAppend:
      return "Append";
    case MessageType::kAppendReply:
      return "AppendReply";
    case MessageType::kHeartbeat:
      return "Heartbeat";
    case MessageType::kHeartbeatReply:
      return "HeartbeatReply";
  }
  LOG(FATAL) << "message type " << static_cast<int>(type);
}

std::string IdText(const EntryId& id) { return absl::StrCat(id.index.value, "/", id.term.value); }

std::string EntriesText(absl::Span<const Entry> entries) {
  if (entries.empty()) return "none";
  const std::string first = IdText(entries.front().id());
  if (entries.size() == 1) return first;
  return absl::StrCat(first, "..", IdText(entries.back().id()));
}

std::string PayloadsText(absl::Span<const Entry> entries) {
  if (entries.empty()) return "none";
  return absl::StrJoin(entries, " ", [](std::string* out, const Entry& entry) {
    absl::StrAppend(out, IdText(entry.id()), ":");
    if (entry.type == EntryType::kEmpty) {
      absl::StrAppend(out, "empty");
    } else {
      absl::StrAppend(out, "\"", entry.payload.view(), "\"");
    }
  });
}

std::string MessageText(const Message& message) {
  std::string text = absl::StrCat(Number(message.from), "->", Number(message.to), " ",
                                  MessageTypeName(message.type), " term=", message.term.value);
  switch (message.type) {
    case MessageType::kPreVote:
    case MessageType::kVote:
      absl::StrAppend(&text, " last=", IdText(message.log));
      break;
    case MessageType::kPreVoteReply:
    case MessageType::kVoteReply:
      absl::StrAppend(&text, " granted=", Answer(message));
      break;
    case MessageType::kAppend:
      absl::StrAppend(&text, " prev=", IdText(message.log), " commit=", message.commit.value,
                      " entries=", EntriesText(message.entries));
      break;
    case MessageType::kAppendReply:
      if (message.reject) {
        absl::StrAppend(&text, " refused=", message.rejected_index.value,
                        " hint=", IdText(message.log));
      } else {
        absl::StrAppend(&text, " match=", message.log.index.value);
      }
      break;
    case MessageType::kHeartbeat:
      absl::StrAppend(&text, " commit=", message.commit.value);
      break;
    case MessageType::kHeartbeatReply:
      if (message.reject) absl::StrAppend(&text, " probe-me");
      break;
  }
  return text;
}

std::string StatusText(const NodeStatus& status) {
  std::string text =
      absl::StrCat(Number(status.id), " ", RoleName(status.role), " term=", status.term.value,
                   " vote=", Number(status.vote), " leader=", Number(status.leader),
                   " commit=", status.commit_index.value,
                   " applied=", status.handed_out_index.value, " last=", status.last_index.value);
  for (const PeerStatus& peer : status.peers) absl::StrAppend(&text, "\n", PeerText(peer));
  return text;
}

}  // namespace blixard::raft
