// Work on its way out of the loop and back.
#include <glog/logging.h>

#include <utility>

#include "raft/runtime/replica_loop.h"

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

absl::Status ReplicaLoop::TakeBack(Inbox::Batch& batch) {
  absl::Status failure = failure_;
  for (std::unique_ptr<AppendWork>& work : batch.appended) {
    failure.Update(work->status);
    if (failure.ok()) TakeBackAppended(*work);
    work->Reset();
    --appends_out_;
    spare_appends_.push_back(std::move(work));
  }
  for (std::unique_ptr<ApplyWork>& work : batch.applied) {
    failure.Update(work->status);
    if (failure.ok()) TakeBackApplied(*work);
    work->Reset();
    --applies_out_;
    spare_applies_.push_back(std::move(work));
  }
  batch.appended.clear();
  batch.applied.clear();
  return failure;
}

// The state machine is restored before the node learns that the snapshot is in, so before anything
// behind it is applied.
void ReplicaLoop::TakeBackAppended(AppendWork& work) {
  if (work.snapshot.has_value()) GiveOutRestore(*std::move(work.snapshot));
  if (work.done.sequence != 0) node_->Completed(work.done);
}

void ReplicaLoop::TakeBackApplied(ApplyWork& work) {
  unapplied_bytes_ -= work.payload_bytes;
  applied_ = work.applied;
  for (const ApplyItem& item : work.items) {
    if (item.entry.type != EntryType::kConfiguration) continue;
    const Configuration now = node_->ApplyConfigurationChange(item.entry);
    transport_.SetMembers(now);
  }
  // Changes of later works are not in force yet: what is in force belongs to this view.
  if (work.view != nullptr) {
    orders_.push_back({.kind = SnapshotOrder::Kind::kWrite,
                       .meta = {.last = work.applied, .configuration = node_->configuration()},
                       .view = std::move(work.view)});
  }
  if (work.done.sequence != 0) node_->Completed(work.done);
  if (work.restore.has_value()) {
    if (work.restore->last.index > LogIndex{0}) --restores_out_;
    transport_.SetMembers(node_->configuration());
  }
  reads_.AnswerUpTo(applied_.index);
}

void ReplicaLoop::GiveOutAppend(const ReadyAppend& append) {
  AppendWork& work = NewAppend();
  if (append.snapshot.has_value()) work.snapshot = TakeOpened(append.snapshot->last);
  work.hard_state = append.hard_state;
  work.entries.assign(append.entries.begin(), append.entries.end());
  work.must_sync = append.must_sync;
  work.done = append.done;
  for (Message& promise : append.messages) {
    if (work.promise_count == work.promises.size()) work.promises.emplace_back();
    std::swap(work.promises[work.promise_count++], promise);  // capacity circulates as well
  }
}

void ReplicaLoop::GiveOutApply(const ReadyApply& apply) {
  ApplyWork& work = NewApply();
  work.done = apply.done;
  for (const Entry& entry : apply.committed) {
    memory::Pooled<ProposalBatch> batch = pipeline_.TakeBatchOf(entry.id());
    if (batch) {
      latencies_.Record(Stage::kQuorum, {.begin_ns = batch->proposed_ns, .end_ns = work.given_ns});
    }
    work.payload_bytes += entry.payload.size();
    log_bytes_.Add(entry.index, EntryBytes(entry));
    work.items.push_back({.entry = entry, .batch = std::move(batch)});
  }
  unapplied_bytes_ += work.payload_bytes;
  given_ = apply.committed.back().id();
  if (SnapshotIsDue()) OrderSnapshot(work);
}

void ReplicaLoop::GiveOutRestore(OpenedSnapshot&& snapshot) {
  ++snapshot_counters_.received;
  given_ = snapshot.last;
  snapshot_asked_at_ = given_.index;
  snapshot_asked_bytes_ = log_bytes_.total();
  NewApply().restore = std::move(snapshot);
}

AppendWork& ReplicaLoop::NewAppend() {
  appends_.push_back(TakeSpare(spare_appends_));
  ++appends_out_;
  appends_.back()->given_ns = latencies_.NowNanoseconds();
  return *appends_.back();
}

ApplyWork& ReplicaLoop::NewApply() {
  applies_.push_back(TakeSpare(spare_applies_));
  ++applies_out_;
  applies_.back()->given_ns = latencies_.NowNanoseconds();
  return *applies_.back();
}

}  // namespace blixard::raft
