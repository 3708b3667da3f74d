#include "tests/raft/core/driven_node.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/checksum.h"
#include "raft/core/ready_batch.h"

namespace blixard::raft {

RawNodeConfig ConfigOfOne() {
  RawNodeConfig config;
  config.cluster = ClusterId{1};
  config.id = ReplicaId{1};
  config.seed = 1;
  return config;
}

Configuration Voters(uint64_t voters) {
  Configuration configuration;
  for (uint64_t id = 1; id <= voters; ++id) configuration.voters.push_back(ReplicaId{id});
  return configuration;
}

RestoredLog FirstOf(uint64_t voters) {
  RestoredLog first;
  first.snapshot.configuration = Voters(voters);
  return first;
}

RestoredLog LogOf(uint64_t voters, const HardState& hard_state, std::vector<Entry> entries) {
  RestoredLog restored = FirstOf(voters);
  restored.hard_state = hard_state;
  restored.entries = std::move(entries);
  return restored;
}

HardState InTerm(Term term, LogIndex commit) {
  return {.term = term, .vote = kNoReplica, .commit = commit};
}

memory::Buffer BufferOf(absl::string_view text) {
  absl::StatusOr<memory::Buffer> buffer = memory::BufferPool::Default().AcquireCopy(text);
  CHECK(buffer.ok()) << buffer.status();
  return *std::move(buffer);
}

Entry Command(const EntryId& id, absl::string_view text) {
  return {.term = id.term,
          .index = id.index,
          .type = EntryType::kCommand,
          .payload_crc32c = PayloadCrc32c(text),
          .payload = BufferOf(text)};
}

Entry Empty(const EntryId& id) {
  return {.term = id.term,
          .index = id.index,
          .type = EntryType::kEmpty,
          .payload_crc32c = 0,
          .payload = {}};
}

std::vector<Entry> CommandsOf(Term term, LogIndex from, LogIndex to) {
  std::vector<Entry> entries;
  for (LogIndex index = from; index <= to; ++index) {
    entries.push_back(Command({.term = term, .index = index}, absl::StrCat("e", index.value)));
  }
  return entries;
}

Message From(const Sender& sender, MessageType type) {
  Message message;
  message.type = type;
  message.cluster = ClusterId{1};
  message.from = ReplicaId{sender.replica};
  message.to = ReplicaId{1};
  message.term = Term{sender.term};
  return message;
}

Message AppendFrom(const Sender& sender, const EntryId& before, std::vector<Entry> entries,
                   LogIndex commit) {
  Message message = From(sender, MessageType::kAppend);
  message.log = before;
  message.entries = std::move(entries);
  message.commit = commit;
  return message;
}

DrivenNode::DrivenNode(const RawNodeConfig& config, RestoredLog restored) {
  stored_ = restored.hard_state;
  absl::StatusOr<std::unique_ptr<RawNode>> node = RawNode::Create(config, std::move(restored));
  CHECK(node.ok()) << node.status();
  node_ = *std::move(node);
}

std::vector<Message> DrivenNode::Work() {
  std::vector<Message> sent;
  while (node_->HasReady()) {
    const ReadyBatch& batch = node_->Ready();
    sent.insert(sent.end(), batch.messages.begin(), batch.messages.end());
    if (batch.append.hard_state.has_value()) stored_ = *batch.append.hard_state;
    sent.insert(sent.end(), batch.append.messages.begin(), batch.append.messages.end());
    reads_.insert(reads_.end(), batch.reads.begin(), batch.reads.end());
    for (const Entry& entry : batch.apply.committed) {
      if (entry.type == EntryType::kConfiguration) node_->ApplyConfigurationChange(entry);
      applied_.push_back(entry.id());
    }
    node_->Advance();
  }
  for (const Message& message : sent) {
    if (message.type == MessageType::kHeartbeat) rounds_[message.to] = message.context;
    if (message.type == MessageType::kAppend || message.type == MessageType::kSnapshot) {
      sessions_[message.to] = message.context;
    }
  }
  return sent;
}

std::vector<Message> DrivenNode::Take(Message message) {
  if (message.context == 0) {
    if (message.type == MessageType::kAppendReply) message.context = sessions_[message.from];
    if (message.type == MessageType::kHeartbeatReply) message.context = rounds_[message.from];
  }
  const absl::Status status = node_->Step(message);
  CHECK(status.ok()) << status;
  return Work();
}

void DrivenNode::Lead() {
  node_->Campaign();
  for (const Message& request : Work()) {
    if (request.type != MessageType::kPreVote) continue;
    Message grant = From({.replica = static_cast<uint64_t>(request.to), .term = request.term.value},
                         MessageType::kPreVoteReply);
    Take(std::move(grant));
  }
  for (ReplicaId peer : node_->configuration().Members()) {
    if (node_->role() != Role::kCandidate) break;
    if (peer == node_->id() || !node_->configuration().HasVoter(peer)) continue;
    Take(From({.replica = static_cast<uint64_t>(peer), .term = node_->term().value},
              MessageType::kVoteReply));
  }
  CHECK(node_->role() == Role::kLeader) << RoleName(node_->role());
}

}  // namespace blixard::raft
