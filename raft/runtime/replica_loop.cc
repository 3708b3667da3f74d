#include "raft/runtime/replica_loop.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/runtime/pool_budgets.h"

namespace blixard::raft {
namespace {

// Requests looked at for one entry; the rest of the backlog goes into the next ones.
constexpr size_t kMaxRequestsPerEntry = 1024;

// One entry up to this size is applied by the replica's own thread when nothing else waits.
constexpr size_t kAloneBytes = 512;

}  // namespace

ReplicaLoop::ReplicaLoop(const ReplicaConfig& config, std::unique_ptr<RawNode> node,
                         LogStorage& storage, Transport& transport, Planner& planner,
                         Applier& applier)
    : config_(config),
      node_(std::move(node)),
      storage_(storage),
      transport_(transport),
      planner_(planner),
      applier_(applier),
      batches_(kBatchBudget.pool, kBatchBudget.Configure({.min_size = 64})) {}

absl::Status ReplicaLoop::Round(Inbox::Batch& batch, uint64_t ticks) {
  TakeIn(batch, ticks);
  if (absl::Status status = WorkOffReady(); !status.ok()) return status;
  FollowLeadership();
  BeginTermWhenCaughtUp();
  ProposeBacklog();
  return WorkOffReady();
}

bool ReplicaLoop::wants_proposals() const {
  if (!backlog_.empty()) return false;
  return planning_ || node_->role() != Role::kLeader;
}

void ReplicaLoop::EndAll() {
  RefuseBacklog();
  while (!pending_.empty()) pending_.pop_front()->End(ProposalEnd::kUnknown);
}

ReplicaStatus ReplicaLoop::Status() const {
  ReplicaStatus status{
      .node = node_->GetStatus(), .applied = applier_.applied(), .counters = counters_};
  const LogStorageStats storage = storage_.stats();
  status.counters.entries_applied = applier_.entries_applied();
  status.counters.wal_syncs = storage.syncs;
  status.counters.wal_bytes = storage.bytes;
  status.counters.elections = status.node.campaigns;
  return status;
}

void ReplicaLoop::TakeIn(Inbox::Batch& batch, uint64_t ticks) {
  for (; ticks > 0; --ticks) node_->Tick();
  for (ReplicaId peer : batch.unreachable) node_->ReportUnreachable(peer);
  for (memory::Pooled<Message>& message : batch.messages) {
    const absl::Status taken = node_->Step(*message);
    LOG_IF_EVERY_N(WARNING, !taken.ok(), 1000) << "a message is dropped: " << taken;
  }
  if (!batch.proposals.empty()) {
    CHECK(backlog_.empty()) << "proposals are taken only when the last ones are done";
    backlog_.swap(batch.proposals);
  }
  batch.unreachable.clear();
  batch.messages.clear();
}

absl::Status ReplicaLoop::WorkOffReady() {
  while (node_->HasReady()) {
    const ReadyBatch& ready = node_->Ready();
    Send(ready.messages);  // before the disk: replication and local sync run side by side
    if (absl::Status status = Persist(ready); !status.ok()) return status;
    Send(ready.messages_after_persist);
    HandToApplier(ready.committed);
    node_->Advance();
  }
  return absl::OkStatus();
}

absl::Status ReplicaLoop::Persist(const ReadyBatch& ready) {
  if (ready.hard_state.has_value() || !ready.entries.empty()) {
    if (absl::Status status = storage_.Append(ready.hard_state, ready.entries); !status.ok()) {
      return status;
    }
  }
  return ready.must_sync ? storage_.Sync() : absl::OkStatus();
}

void ReplicaLoop::Send(absl::Span<const Message> messages) {
  if (messages.empty()) return;
  for (const Message& message : messages) transport_.Send(message);
  transport_.Flush();
}

void ReplicaLoop::HandToApplier(absl::Span<const Entry> committed) {
  if (committed.empty()) return;
  items_.clear();
  for (const Entry& entry : committed) {
    handed_bytes_ += entry.payload.size();
    items_.push_back({.entry = entry, .batch = TakeBatchOf(entry.id())});
  }
  const bool alone = committed.size() == 1 && committed.front().payload.size() <= kAloneBytes;
  applier_.Submit(absl::MakeSpan(items_), alone);
  items_.clear();
}

// Another entry at the index of a pending one means that ours was lost; FollowLeadership, which
// comes before anything new is proposed, ends those.
memory::Pooled<ProposalBatch> ReplicaLoop::TakeBatchOf(EntryId entry) {
  if (pending_.empty() || pending_.front()->entry != entry) return {};
  return pending_.pop_front();
}

void ReplicaLoop::FollowLeadership() {
  std::optional<Term> leads;
  if (node_->role() == Role::kLeader) leads = node_->term();
  if (leads == led_term_) return;
  if (led_term_.has_value()) EndTerm();
  led_term_ = leads;
  if (!leads.has_value()) return;
  caught_up_at_ = node_->last_index();  // a new leader's last entry is its own empty one
  applier_.NotifyWhenApplied(caught_up_at_);
}

// Decisions of a term die with it: what was not committed is answered "unknown", never proposed
// again.
void ReplicaLoop::EndTerm() {
  if (planning_) planner_.EndTerm();
  planning_ = false;
  while (!pending_.empty()) pending_.pop_front()->End(ProposalEnd::kUnknown);
}

void ReplicaLoop::BeginTermWhenCaughtUp() {
  if (!led_term_.has_value() || planning_ || applier_.applied() < caught_up_at_) return;
  planner_.BeginTerm(*led_term_);
  planning_ = true;
}

void ReplicaLoop::ProposeBacklog() {
  if (!led_term_.has_value()) RefuseBacklog();
  while (planning_ && backlog_done_ < backlog_.size() && HasRoomForAnEntry()) ProposeEntry();
  if (backlog_done_ < backlog_.size()) return;
  backlog_.clear();
  backlog_done_ = 0;
}

// What is planned must also be appended, so everything that could fail is looked at before.
bool ReplicaLoop::HasRoomForAnEntry() {
  if (unapplied_bytes() >= config_.max_unapplied_bytes) {
    applier_.NotifyWhenApplied(applier_.applied() + 1);
    return false;
  }
  if (node_->UncommittedBytesLeft() < config_.max_batch_bytes) return false;
  if (!next_batch_) next_batch_ = batches_.Acquire();
  if (!next_batch_) return false;
  if (scratch_ && scratch_.unique()) return true;
  absl::StatusOr<memory::Buffer> scratch =
      memory::BufferPool::Default().Acquire(config_.max_batch_bytes);
  if (!scratch.ok()) return false;
  scratch_ = *std::move(scratch);
  return true;
}

void ReplicaLoop::ProposeEntry() {
  memory::Pooled<ProposalBatch> batch = std::move(next_batch_);
  absl::StatusOr<EntryId> entry = node_->Propose(PlanPayload(*batch));
  CHECK(entry.ok()) << "the room was there before planning: " << entry.status();
  batch->entry = *entry;
  counters_.proposals += batch->proposals.size();
  ++counters_.entries_proposed;
  pending_.push_back(std::move(batch));
}

// Moves the planned proposals from the backlog into `batch`.
memory::Buffer ReplicaLoop::PlanPayload(ProposalBatch& batch) {
  const size_t end = std::min(backlog_.size(), backlog_done_ + kMaxRequestsPerEntry);
  requests_.clear();
  for (size_t i = backlog_done_; i < end; ++i) requests_.push_back(backlog_[i]->request);
  scratch_.Resize(0);
  const size_t taken = planner_.Plan(node_->last_index() + 1, requests_, scratch_);
  CHECK(taken >= 1 && taken <= requests_.size())
      << "planner took " << taken << " of " << requests_.size() << " requests";
  for (size_t i = 0; i < taken; ++i) {
    batch.proposals.push_back(std::move(backlog_[backlog_done_++]));
  }
  absl::StatusOr<memory::Buffer> payload =
      memory::BufferPool::Default().AcquireCopy(scratch_.view());
  return payload.ok() ? *std::move(payload) : scratch_;  // short of memory: give the large one away
}

void ReplicaLoop::RefuseBacklog() {
  for (; backlog_done_ < backlog_.size(); ++backlog_done_) {
    EndProposal(*backlog_[backlog_done_], ProposalEnd::kRefused);
  }
  backlog_.clear();
  backlog_done_ = 0;
}

}  // namespace blixard::raft
