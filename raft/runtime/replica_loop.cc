#include "raft/runtime/replica_loop.h"

#include <glog/logging.h>

#include <utility>

namespace blixard::raft {
namespace {

// Works circulate between the loop and its owner.
template <class Work>
std::unique_ptr<Work> TakeSpare(std::vector<std::unique_ptr<Work>>& spare) {
  if (spare.empty()) return std::make_unique<Work>();
  std::unique_ptr<Work> work = std::move(spare.back());
  spare.pop_back();
  return work;
}

}  // namespace

ReplicaLoop::ReplicaLoop(const ReplicaConfig& config, std::unique_ptr<RawNode> node,
                         const ReplicaLoopParts& parts)
    : config_(config),
      node_(std::move(node)),
      transport_(parts.transport),
      leadership_(parts.leadership),
      pipeline_(config_, *node_, parts.planner, parts.clock),
      reads_(2 * config.election_ticks) {}

absl::Status ReplicaLoop::Round(Inbox::Batch& batch, uint64_t ticks) {
  if (absl::Status failed = TakeBack(batch); !failed.ok()) return failed;
  TakeIn(batch, ticks);
  WorkOffReady();
  pipeline_.Run({.applied = applied_, .waiting_bytes = unapplied_bytes_});
  WorkOffReady();
  TellLeadership();
  return absl::OkStatus();
}

void ReplicaLoop::EndAll() {
  pipeline_.EndAll();
  reads_.RefuseAll();
}

ReplicaStatus ReplicaLoop::Status() const {
  ReplicaStatus status{.node = node_->GetStatus(), .applied = applied_};
  status.counters.proposals = pipeline_.proposals();
  status.counters.entries_proposed = pipeline_.entries();
  status.counters.elections = status.node.campaigns;
  return status;
}

absl::Status ReplicaLoop::TakeBack(Inbox::Batch& batch) {
  absl::Status failure;
  for (std::unique_ptr<AppendWork>& work : batch.appended) {
    failure.Update(work->status);
    if (work->status.ok()) node_->Advance();
    storing_ = false;
    work->Reset();
    spare_appends_.push_back(std::move(work));
  }
  for (std::unique_ptr<ApplyWork>& work : batch.applied) {
    failure.Update(work->status);
    TakeBackApplied(*work);
    work->Reset();
    spare_applies_.push_back(std::move(work));
  }
  batch.appended.clear();
  batch.applied.clear();
  return failure;
}

void ReplicaLoop::TakeBackApplied(ApplyWork& work) {
  unapplied_bytes_ -= work.payload_bytes;
  if (!work.items.empty()) applied_ = work.items.back().entry.index;
  reads_.AnswerUpTo(applied_);
}

void ReplicaLoop::TakeIn(Inbox::Batch& batch, uint64_t ticks) {
  for (; ticks > 0; --ticks) node_->Tick();
  for (ReplicaId peer : batch.unreachable) node_->ReportUnreachable(peer);
  for (memory::Pooled<Message>& message : batch.messages) {
    const absl::Status taken = node_->Step(*message);
    LOG_IF_EVERY_N(WARNING, !taken.ok(), 1000) << "a message is dropped: " << taken;
  }
  for (const ReplicaRequest& request : batch.requests) CarryOut(request);
  pipeline_.Take(batch.proposals);
  reads_.Take(batch.reads);
  batch.unreachable.clear();
  batch.messages.clear();
  batch.requests.clear();
}

void ReplicaLoop::CarryOut(const ReplicaRequest& request) {
  node_->Campaign();
  request.End(absl::OkStatus());
}

void ReplicaLoop::WorkOffReady() {
  while (!storing_ && node_->HasReady()) {
    const ReadyBatch& ready = node_->Ready();
    Send(ready.messages);  // before the disk: replication and local sync run side by side
    GiveOutApply(ready.apply.committed);
    GiveOutAppend(ready);
  }
}

void ReplicaLoop::Send(absl::Span<const Message> messages) {
  if (messages.empty()) return;
  for (const Message& message : messages) transport_.Send(message);
  transport_.Flush();
}

void ReplicaLoop::GiveOutAppend(const ReadyBatch& ready) {
  const ReadyAppend& append = ready.append;
  CHECK(!append.snapshot.has_value()) << "nobody in this group compacts its log";
  if (!append.HasWork()) {
    node_->Advance();
    return;
  }
  std::unique_ptr<AppendWork> work = TakeSpare(spare_appends_);
  work->hard_state = append.hard_state;
  work->entries.assign(append.entries.begin(), append.entries.end());
  work->must_sync = append.must_sync;
  for (const Message& promise : append.messages) {
    if (work->promise_count == work->promises.size()) work->promises.emplace_back();
    work->promises[work->promise_count++] = promise;
  }
  appends_.push_back(std::move(work));
  storing_ = true;
}

void ReplicaLoop::GiveOutApply(absl::Span<const Entry> committed) {
  if (committed.empty()) return;
  std::unique_ptr<ApplyWork> work = TakeSpare(spare_applies_);
  for (const Entry& entry : committed) {
    if (entry.type == EntryType::kConfiguration) node_->ApplyConfigurationChange(entry);
    work->payload_bytes += entry.payload.size();
    work->items.push_back({.entry = entry, .batch = pipeline_.TakeBatchOf(entry.id())});
  }
  unapplied_bytes_ += work->payload_bytes;
  applies_.push_back(std::move(work));
}

void ReplicaLoop::TellLeadership() {
  const LeadershipEvent now{
      .term = node_->term(), .role = node_->role(), .leader = node_->leader()};
  if (now == told_) return;
  told_ = now;
  if (leadership_ != nullptr) leadership_->OnLeadershipChange(now);
}

}  // namespace blixard::raft
