#include "tests/raft/core/replica_group.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/message_codec.h"
#include "tests/raft/core/protocol_text.h"

namespace blixard::raft {
namespace {

RawNodeConfig ConfigFor(RawNodeConfig config, ReplicaId id) {
  config.id = id;
  return config;
}

// As if it had been on a wire.
Message Transported(const Message& message) {
  std::string bytes;
  EncodeMessage(message, bytes);
  Message arrived;
  const absl::StatusOr<size_t> read = DecodeMessage(bytes, memory::BufferPool::Default(), arrived);
  CHECK(read.ok()) << read.status();
  CHECK_EQ(*read, bytes.size());
  return arrived;
}

}  // namespace

memory::Buffer PayloadOf(absl::string_view text) {
  absl::StatusOr<memory::Buffer> payload = memory::BufferPool::Default().AcquireCopy(text);
  CHECK(payload.ok()) << payload.status();
  return *std::move(payload);
}

ReplicaGroup::ReplicaGroup(const RawNodeConfig& config) : config_(config) {
  for (ReplicaId id : config.voters) {
    replicas_.try_emplace(id);
    Start(id);
  }
}

std::vector<ReplicaId> ReplicaGroup::ids() const {
  std::vector<ReplicaId> ids;
  for (const auto& [id, replica] : replicas_) ids.push_back(id);
  return ids;
}

RawNode& ReplicaGroup::node(ReplicaId id) {
  CHECK(IsUp(id)) << "replica " << id << " is down";
  return *replica(id).node;
}

const RawNode& ReplicaGroup::node(ReplicaId id) const {
  CHECK(IsUp(id)) << "replica " << id << " is down";
  return *replica(id).node;
}

ReplicaId ReplicaGroup::leader() const {
  ReplicaId leader = kNoReplica;
  for (const auto& [id, replica] : replicas_) {
    if (replica.node == nullptr || replica.node->role() != Role::kLeader) continue;
    if (leader == kNoReplica || node(leader).term() < replica.node->term()) leader = id;
  }
  return leader;
}

absl::StatusOr<EntryId> ReplicaGroup::Propose(ReplicaId id, absl::string_view text) {
  return node(id).Propose(PayloadOf(text));
}

void ReplicaGroup::BeginWork(ReplicaId id) {
  Replica& replica = this->replica(id);
  if (replica.open != nullptr || !replica.node->HasReady()) return;
  replica.open = &replica.node->Ready();
  TraceBatch(id, *replica.open);
  Send(replica.open->messages);
  replica.disk.Append(replica.open->hard_state, replica.open->entries);
}

void ReplicaGroup::FinishWork(ReplicaId id) {
  Replica& replica = this->replica(id);
  const ReadyBatch* batch = std::exchange(replica.open, nullptr);
  if (batch == nullptr) return;
  if (batch->must_sync) replica.disk.Sync();
  Send(batch->messages_after_persist);
  if (!batch->committed.empty()) {
    Trace(absl::StrCat(static_cast<uint64_t>(id), " applies ", EntriesText(batch->committed)));
  }
  replica.applied.insert(replica.applied.end(), batch->committed.begin(), batch->committed.end());
  replica.node->Advance();
}

void ReplicaGroup::Work(ReplicaId id) {
  if (!IsUp(id)) return;
  if (held_.contains(id)) return BeginWork(id);
  FinishWork(id);
  while (replica(id).node->HasReady()) {
    BeginWork(id);
    FinishWork(id);
  }
}

void ReplicaGroup::WorkAll() {
  for (ReplicaId id : ids()) Work(id);
}

void ReplicaGroup::Send(absl::Span<const Message> messages) {
  for (const Message& message : messages) {
    const bool lost = IsCut(message.from) || IsCut(message.to);
    Trace(absl::StrCat(MessageText(message), lost ? " (lost)" : ""));
    if (!lost) in_flight_.push_back(message);
  }
}

void ReplicaGroup::Deliver(size_t position) {
  Message message = Transported(in_flight_.at(position));
  Drop(position);
  if (!IsUp(message.to) || IsCut(message.from) || IsCut(message.to)) return;
  const absl::Status status = node(message.to).Step(message);
  CHECK(status.ok()) << status;
}

void ReplicaGroup::Drop(size_t position) {
  in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(position));
}

void ReplicaGroup::Duplicate(size_t position) { in_flight_.push_back(in_flight_.at(position)); }

void ReplicaGroup::Settle() {
  WorkAll();
  for (int delivered = 0; !in_flight_.empty(); ++delivered) {
    CHECK_LT(delivered, 100'000) << "the group does not come to rest";
    const ReplicaId to = in_flight_.front().to;
    Deliver(0);
    Work(to);
  }
}

void ReplicaGroup::Crash(ReplicaId id, size_t kept_writes) {
  Replica& replica = this->replica(id);
  CHECK(replica.node != nullptr);
  replica.open = nullptr;
  replica.node.reset();
  replica.applied.clear();
  replica.disk.Crash(kept_writes);
}

void ReplicaGroup::Start(ReplicaId id) {
  Replica& replica = this->replica(id);
  CHECK(replica.node == nullptr);
  absl::StatusOr<std::unique_ptr<RawNode>> node =
      RawNode::Create(ConfigFor(config_, id),
                      {.hard_state = replica.disk.hard_state(), .entries = replica.disk.entries()});
  CHECK(node.ok()) << node.status();
  replica.node = *std::move(node);
}

void ReplicaGroup::LoseDisk(ReplicaId id) {
  CHECK(!IsUp(id));
  replica(id).disk = MemoryDisk();
}

void ReplicaGroup::Trace(const std::string& line) const {
  if (trace_) trace_(line);
}

void ReplicaGroup::TraceBatch(ReplicaId id, const ReadyBatch& batch) const {
  const std::string name = absl::StrCat(static_cast<uint64_t>(id));
  if (batch.soft_state.has_value()) {
    Trace(absl::StrCat(name, " is ", RoleName(batch.soft_state->role), ", leader ",
                       static_cast<uint64_t>(batch.soft_state->leader)));
  }
  if (batch.hard_state.has_value()) {
    Trace(absl::StrCat(name, " stores term=", batch.hard_state->term.value,
                       " vote=", static_cast<uint64_t>(batch.hard_state->vote),
                       " commit=", batch.hard_state->commit.value));
  }
  if (!batch.entries.empty()) {
    Trace(absl::StrCat(name, " stores ", PayloadsText(batch.entries)));
  }
}

}  // namespace blixard::raft
