#include "tests/raft/core/protocol_text.h"

#include <glog/logging.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"

namespace blixard::raft {
namespace {

std::string Number(ReplicaId id) { return absl::StrCat(static_cast<uint64_t>(id)); }

std::string Answer(const Message& message) { return message.reject ? "no" : "yes"; }

std::string PeerText(const PeerStatus& peer) {
  return absl::StrCat(
      "  ", Number(peer.id), " ", ProgressStateName(peer.state), " match=", peer.match.value,
      " next=", peer.next.value, " inflight=", peer.inflight_messages,
      peer.state == ProgressState::kSnapshot
          ? absl::StrCat(" pending=", peer.pending_snapshot.value)
          : "",
      peer.paused == PauseReason::kNone ? ""
                                        : absl::StrCat(" paused=", PauseReasonName(peer.paused)),
      peer.is_learner ? " learner" : "", peer.lost_data ? " lost-data" : "");
}

std::string ConfigurationText(absl::string_view encoded) {
  const absl::StatusOr<Configuration> configuration = DecodeConfiguration(encoded);
  return configuration.ok() ? ToString(*configuration) : "unreadable";
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
    case MessageType::kSnapshot:
      return "Snapshot";
    case MessageType::kReadIndex:
      return "ReadIndex";
    case MessageType::kReadIndexReply:
      return "ReadIndexReply";
    case MessageType::kTransferLeader:
      return "TransferLeader";
    case MessageType::kTimeoutNow:
      return "TimeoutNow";
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
    } else if (entry.type == EntryType::kConfiguration) {
      const auto change = DecodeConfigurationChange(entry.payload.view());
      absl::StrAppend(out, "{", change.ok() ? ToString(*change) : "unreadable", "}");
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
      absl::StrAppend(&text, " last=", IdText(message.log), message.force ? " forced" : "");
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
                        " hint=", IdText(message.log),
                        message.wants_snapshot ? " wants-snapshot" : "");
      } else {
        absl::StrAppend(&text, " match=", message.log.index.value);
      }
      break;
    case MessageType::kHeartbeat:
      absl::StrAppend(&text, " commit=", message.commit.value,
                      message.lost_data ? " you-lost-data" : "");
      break;
    case MessageType::kHeartbeatReply:
      if (message.reject) absl::StrAppend(&text, " probe-me");
      break;
    case MessageType::kSnapshot:
      absl::StrAppend(&text, " last=", IdText(message.log), " ",
                      ConfigurationText(message.payload.view()));
      break;
    case MessageType::kReadIndexReply:
      absl::StrAppend(&text, message.reject ? " refused" : "",
                      message.reject ? "" : absl::StrCat(" index=", message.log.index.value));
      break;
    case MessageType::kTransferLeader:
      absl::StrAppend(&text, " to=", message.context);
      break;
    case MessageType::kReadIndex:
      break;
    case MessageType::kTimeoutNow:
      absl::StrAppend(&text, " last=", IdText(message.log), " commit=", message.commit.value);
      break;
  }
  return text;
}

std::string StatusText(const NodeStatus& status) {
  std::string text = absl::StrCat(
      Number(status.id), " ", RoleName(status.role), " term=", status.term.value,
      " vote=", Number(status.vote), " leader=", Number(status.leader),
      " commit=", status.commit_index.value, " applied=", status.applied_index.value,
      " last=", status.last_index.value,
      status.transferee == kNoReplica ? "" : absl::StrCat(" transfer=", Number(status.transferee)),
      status.lost_data ? " lost-data" : "");
  for (const PeerStatus& peer : status.peers) absl::StrAppend(&text, "\n", PeerText(peer));
  return text;
}

}  // namespace blixard::raft
