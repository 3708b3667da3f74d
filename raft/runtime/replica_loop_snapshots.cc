// When a snapshot is taken, and what the log may forget afterwards.
#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration_codec.h"
#include "raft/runtime/replica_loop.h"

namespace blixard::raft {

bool ReplicaLoop::SnapshotIsDue() const {
  if (snapshots_ == nullptr || snapshot_under_way_) return false;
  return given_.index - snapshot_asked_at_ >= config_.snapshot_entries ||
         log_bytes_.total() - snapshot_asked_bytes_ >= config_.snapshot_bytes;
}

// A leader's word of a snapshot is taken for the newest one that is durable here. That may be a
// later one, which an earlier leader brought and whose word was lost: the exchange then sends
// nothing, as there is nothing to send, and waiting for exactly what this leader has would last for
// ever. Snapshots hold only what is committed, so the leader has all of it.
bool ReplicaLoop::StandsForDurable(Message& message) const {
  if (snapshots_ == nullptr) return false;
  const std::optional<SnapshotMeta> newest = snapshots_->newest();
  if (!newest.has_value() || newest->last.index < message.log.index) return false;
  if (newest->last == message.log) return true;
  if (newest->last.term > message.term) return false;  // the word of a leader of long ago
  absl::StatusOr<memory::Buffer> payload =
      memory::BufferPool::Default().AcquireCopy(Encode(newest->configuration));
  if (!payload.ok()) return false;  // as if it had been lost
  message.log = newest->last;
  message.payload = *std::move(payload);
  return true;
}

// Dropped, as if it had been lost, when the leader has to say it again: its data are not here, not
// any more, or enough others are on their way into the state machine.
void ReplicaLoop::StepSnapshot(Message& message) {
  if (restores_out_ >= kMaxRestores || !StandsForDurable(message)) return;
  OpenedSnapshot opened{.last = message.log, .data = OpenData(*snapshots_, message.log)};
  if (absl::IsNotFound(opened.data.status())) return;
  const EntryId before = node_->snapshot().last;
  const absl::Status taken = node_->Step(message);
  LOG_IF(WARNING, !taken.ok()) << "a snapshot is dropped: " << taken;
  if (node_->snapshot().last != before) opened_ = std::move(opened);
}

OpenedSnapshot ReplicaLoop::TakeOpened(const EntryId& last) {
  if (last.index == LogIndex{0}) return {};  // the group's beginning
  CHECK(opened_.last == last) << "a snapshot is installed that nobody opened: " << last.index;
  ++restores_out_;
  return std::exchange(opened_, {});
}

void ReplicaLoop::OrderSnapshot(ApplyWork& work) {
  work.freeze = true;
  snapshot_under_way_ = true;
  snapshot_asked_at_ = given_.index;
  snapshot_asked_bytes_ = log_bytes_.total();
}

// A full disk, or a state machine that cannot write its picture, puts snapshots off; any other
// error of their disk stays in the store, and no snapshot would ever be written or received again.
absl::Status ReplicaLoop::CheckSnapshots(const SnapshotEvents& events) const {
  for (const SnapshotEvent& event : events) {
    if (event.kind != SnapshotEvent::Kind::kNotWritten) continue;
    const absl::Status store = snapshots_->status();
    if (!store.ok()) {
      return absl::Status(store.code(), absl::StrCat("snapshots: ", store.message()));
    }
  }
  return absl::OkStatus();
}

void ReplicaLoop::TakeIn(SnapshotEvent& event) {
  switch (event.kind) {
    case SnapshotEvent::Kind::kWritten:
      snapshot_under_way_ = false;
      OnWritten(event);
      if (SnapshotIsDue()) OrderSnapshot(NewApply());  // by now perhaps nothing is applied any more
      return;
    case SnapshotEvent::Kind::kNotWritten:
      ++snapshot_counters_.failed;
      snapshot_under_way_ = false;  // the next one is due after as many entries again
      LOG(WARNING) << "no snapshot of entry " << event.meta.last.index << ": " << event.status;
      return;
    case SnapshotEvent::Kind::kDelivered:
      LOG_IF(WARNING, !event.status.ok())
          << "snapshot for replica " << event.peer << ": " << event.status;
      ++(event.status.ok() ? snapshot_counters_.sent : snapshot_counters_.not_sent);
      node_->ReportSnapshot(event.peer, event.status.ok());
      return;
    case SnapshotEvent::Kind::kReceived: {
      const absl::Status taken = node_->Step(event.message);
      LOG_IF(WARNING, !taken.ok()) << "a snapshot is dropped: " << taken;
      return;
    }
  }
}

// It may be gone from the store again, or was never written, because of later ones that a leader
// brought.
void ReplicaLoop::OnWritten(const SnapshotEvent& event) {
  if (event.meta.last.index <= node_->snapshot().last.index) return;  // a leader's was installed
  CompactLog();
  if (node_->snapshot().last == event.meta.last) ++snapshot_counters_.taken;
}

// The node's is the newest in the store of what is applied here, whoever took it: only what stands
// there can be sent to a peer. Later ones, which a leader brought and whose word was lost, have to
// wait: that what they hold is committed is not even known here.
//
// The log on disk reaches back further than the one in memory: should the newest snapshot turn out
// damaged, the one before it and the log make the state.
void ReplicaLoop::TakeUpSnapshot() {
  // Asked first, so that it is none later than the other, whatever is received in between.
  const EntryId fallback = snapshots_->fallback().value_or(EntryId{});
  std::optional<SnapshotMeta> newest =
      snapshots_->NewestOf({.after = node_->snapshot().last.index, .through = applied_.index});
  if (!newest.has_value()) return;
  node_->SetSnapshot(*std::move(newest));
  if (fallback.index <= compacted_.index) return;
  compacted_ = fallback;
  NewAppend().compact_through = fallback;
}

// Keeps what peers still need, as far as it weighs no more than max_retained_bytes: a follower does
// the same, for it may lead next.
void ReplicaLoop::CompactLog() {
  ticks_since_compaction_ = 0;
  if (snapshots_ == nullptr) return;
  TakeUpSnapshot();  // perhaps the one that was wanted
  if (node_->WantsNewerSnapshot() && !snapshot_under_way_) OrderSnapshot(NewApply());
  const EntryId snapshot = node_->snapshot().last;
  const LogIndex first = node_->log().first_index();
  if (snapshot.index < first) return;
  LogIndex needed = snapshot.index;
  const NodeStatus status = node_->GetStatus();
  if (status.role != Role::kLeader) needed = LogIndex{0};
  for (const PeerStatus& peer : status.peers) needed = std::min(needed, peer.match);
  const LogIndex through = std::min(
      snapshot.index, std::max(needed, log_bytes_.FirstWithin(config_.max_retained_bytes)));
  if (through < first) return;
  node_->Compact(through);
  log_bytes_.DropThrough(through);
}

}  // namespace blixard::raft
