#include "tests/raft/core/replica_group.h"

#include <glog/logging.h>

#include <algorithm>
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

ReplicaGroup::ReplicaGroup(const RawNodeConfig& config, const Configuration& first)
    : config_(config) {
  configurations_[LogIndex{0}] = first;
  for (ReplicaId id : first.Members()) {
    const SnapshotMeta beginning{.last = {}, .configuration = first};
    replicas_.insert({id, Replica{.config = ConfigFor(config, id), .disk = MemoryDisk(beginning)}});
    Start(id);
  }
}

void ReplicaGroup::AddReplica(ReplicaId id) {
  replicas_.erase(id);
  replicas_.insert({id, Replica{.config = ConfigFor(config_, id), .disk = MemoryDisk({})}});
  Start(id);
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

absl::StatusOr<ReadToken> ReplicaGroup::Read(ReplicaId id) { return node(id).ReadIndex(); }

void ReplicaGroup::BeginWork(ReplicaId id) {
  Replica& replica = this->replica(id);
  if (replica.batch_open || !replica.node->HasReady()) return;
  Open(id, replica.node->Ready());
  replica.batch_open = !replica.config.async_storage_writes;
  if (!replica.batch_open) replica.node->Advance();
}

void ReplicaGroup::Open(ReplicaId id, const ReadyBatch& batch) {
  Replica& replica = this->replica(id);
  TraceBatch(id, batch);
  Send(batch.messages);
  for (const ReadAnswer& read : batch.reads) {
    Trace(absl::StrCat(static_cast<uint64_t>(id), " read ",
                       read.refused ? "refused" : absl::StrCat("index=", read.index.value)));
    replica.reads.push_back(read);
  }
  if (batch.append.HasWork()) {
    replica.disk.Append(batch.append);
    OpenAppend& open = replica.appends.emplace_back();
    open.done = batch.append.done;
    open.must_sync = batch.append.must_sync;
    open.messages.assign(batch.append.messages.begin(), batch.append.messages.end());
    if (batch.append.snapshot.has_value()) {
      open.restores = batch.append.snapshot->last;
      configurations_[open.restores->index] = batch.append.snapshot->configuration;
    }
  }
  if (batch.apply.HasWork()) {
    OpenApply& open = replica.applies.emplace_back();
    open.done = batch.apply.done;
    open.entries.assign(batch.apply.committed.begin(), batch.apply.committed.end());
  }
}

void ReplicaGroup::FinishAppend(ReplicaId id) {
  Replica& replica = this->replica(id);
  if (replica.appends.empty()) return;
  const OpenAppend open = std::move(replica.appends.front());
  replica.appends.pop_front();
  if (open.must_sync) replica.disk.Sync();
  Send(open.messages);
  if (open.restores.has_value()) replica.state = {.from = *open.restores, .entries = {}};
  if (replica.config.async_storage_writes) replica.node->Completed(open.done);
}

// An apply behind a snapshot waits until the state machine was restored from it.
void ReplicaGroup::FinishApply(ReplicaId id) {
  Replica& replica = this->replica(id);
  if (replica.applies.empty()) return;
  const LogIndex first = replica.applies.front().entries.front().index;
  if (first > replica.state.applied().index + 1) return;
  const OpenApply open = std::move(replica.applies.front());
  replica.applies.pop_front();
  Apply(id, open.entries);
  if (replica.config.async_storage_writes) replica.node->Completed(open.done);
}

void ReplicaGroup::Apply(ReplicaId id, const std::vector<Entry>& entries) {
  Replica& replica = this->replica(id);
  Trace(absl::StrCat(static_cast<uint64_t>(id), " applies ", EntriesText(entries)));
  for (const Entry& entry : entries) {
    if (entry.type == EntryType::kConfiguration) {
      const LogIndex before = replica.node->GetStatus().configuration_index;
      const Configuration after = replica.node->ApplyConfigurationChange(entry);
      if (entry.index > before) {
        const auto known = configurations_.try_emplace(entry.index, after).first;
        CHECK(known->second == after)
            << "replicas disagree on the configuration at " << entry.index;
        Trace(absl::StrCat(static_cast<uint64_t>(id), " has ", ToString(after)));
      }
    }
    if (entry.index > replica.state.applied().index) replica.state.entries.push_back(entry);
  }
}

void ReplicaGroup::FinishWork(ReplicaId id) {
  Replica& replica = this->replica(id);
  while (!replica.appends.empty()) FinishAppend(id);
  while (!replica.applies.empty()) FinishApply(id);
  if (!replica.batch_open) return;
  replica.batch_open = false;
  replica.node->Advance();
}

void ReplicaGroup::TakeSnapshot(ReplicaId id) {
  Replica& replica = this->replica(id);
  const NodeStatus status = replica.node->GetStatus();
  const EntryId applied = replica.state.applied();
  if (applied.index > status.applied_index || applied.index < status.configuration_index) return;
  if (applied.index < status.snapshot_index) return;  // one from the leader is being installed
  const SnapshotMeta snapshot{.last = applied, .configuration = status.configuration};
  replica.disk.SaveSnapshot(snapshot);
  replica.node->SetSnapshot(snapshot);
}

void ReplicaGroup::Compact(ReplicaId id, LogIndex through) {
  through = std::min(through, replica(id).disk.snapshot().last.index);
  replica(id).node->Compact(through);
  replica(id).disk.Compact(through);
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

bool ReplicaGroup::IsLost(const Message& message) const {
  return IsCut(message.from) || IsCut(message.to) ||
         cut_links_.contains({message.from, message.to}) || !replicas_.contains(message.to);
}

void ReplicaGroup::Send(absl::Span<const Message> messages) {
  for (const Message& message : messages) {
    const bool lost = IsLost(message);
    Trace(absl::StrCat(MessageText(message), lost ? " (lost)" : ""));
    if (lost) {
      ReportSnapshot(message, /*delivered=*/false);
    } else {
      in_flight_.push_back(message);
    }
  }
}

void ReplicaGroup::Deliver(size_t position) {
  Message message = Transported(in_flight_.at(position));
  in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(position));
  const bool arrives = !IsLost(message) && IsUp(message.to);
  if (arrives) {
    const absl::Status status = node(message.to).Step(message);
    CHECK(status.ok()) << status;
  }
  ReportSnapshot(message, arrives);
}

void ReplicaGroup::ReportSnapshot(const Message& message, bool delivered) {
  if (message.type != MessageType::kSnapshot || !IsUp(message.from)) return;
  node(message.from).ReportSnapshot(message.to, delivered);
}

void ReplicaGroup::Drop(size_t position) {
  ReportSnapshot(in_flight_.at(position), /*delivered=*/false);
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
  replica.node.reset();
  replica.batch_open = false;
  replica.appends.clear();
  replica.applies.clear();
  replica.reads.clear();
  replica.disk.Crash(kept_writes);
}

void ReplicaGroup::Start(ReplicaId id) {
  Replica& replica = this->replica(id);
  CHECK(replica.node == nullptr);
  replica.config.incarnation = ++replica.lives;
  absl::StatusOr<std::unique_ptr<RawNode>> node =
      RawNode::Create(replica.config, replica.disk.Restored());
  CHECK(node.ok()) << node.status();
  replica.node = *std::move(node);
  replica.state = {.from = replica.disk.snapshot().last, .entries = {}};
}

void ReplicaGroup::LoseDisk(ReplicaId id) {
  CHECK(!IsUp(id));
  replica(id).lost_disks.push_back(std::exchange(replica(id).disk, MemoryDisk({})));
}

bool ReplicaGroup::HasHeld(ReplicaId id, const EntryId& entry) const {
  const Replica& replica = this->replica(id);
  const auto holds = [&entry](const MemoryDisk& disk) { return disk.Holds(entry); };
  return holds(replica.disk) ||
         std::any_of(replica.lost_disks.begin(), replica.lost_disks.end(), holds);
}

void ReplicaGroup::LoseLog(ReplicaId id) {
  CHECK(!IsUp(id));
  replica(id).disk = MemoryDisk({.last = {}, .configuration = configurations_.at(LogIndex{0})});
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
  const ReadyAppend& append = batch.append;
  if (append.snapshot.has_value()) {
    Trace(absl::StrCat(name, " installs ", IdText(append.snapshot->last), " ",
                       ToString(append.snapshot->configuration)));
  }
  if (append.hard_state.has_value()) {
    Trace(absl::StrCat(name, " stores term=", append.hard_state->term.value,
                       " vote=", static_cast<uint64_t>(append.hard_state->vote),
                       " commit=", append.hard_state->commit.value));
  }
  if (!append.entries.empty()) {
    Trace(absl::StrCat(name, " stores ", PayloadsText(append.entries)));
  }
}

}  // namespace blixard::raft
