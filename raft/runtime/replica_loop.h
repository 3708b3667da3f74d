// What a replica does in one round, without threads or clock: the same on real time and in a
// simulation, which owns both.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "raft/core/raw_node.h"
#include "raft/runtime/append_work.h"
#include "raft/runtime/apply_work.h"
#include "raft/runtime/inbox.h"
#include "raft/runtime/leadership_listener.h"
#include "raft/runtime/log_bytes.h"
#include "raft/runtime/membership_requests.h"
#include "raft/runtime/opened_snapshot.h"
#include "raft/runtime/planner.h"
#include "raft/runtime/proposal_pipeline.h"
#include "raft/runtime/read_queue.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/replica_status.h"
#include "raft/runtime/snapshot_order.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/runtime/transport.h"
#include "raft/storage/snapshot_store.h"

namespace blixard::raft {

// Not owned; they outlive the loop.
struct ReplicaLoopParts {
  Transport& transport;
  Planner& planner;
  StageLatencies& latencies;
  LeadershipListener* leadership = nullptr;  // null = nobody asks
  // Null: none are taken. Else somebody carries out snapshot_orders(); the loop only asks what
  // there is.
  SnapshotStore* snapshots = nullptr;
};

// A proposal's way on the leader:
//   inbox -> ProposalPipeline -> entry -> peers                  inside Round
//                                  \----> appends() -> LogWriter    wherever the owner runs it
//                           (quorum) ---> applies() -> Applier      the same; answers it
//
// The owner carries out appends() in order, several at once if it likes, and applies() in order,
// and gives each back through Inbox::Batch::appended and ::applied; what became of
// snapshot_orders() comes back as ::snapshot_events. The node runs with async_storage_writes. Used
// by one thread at a time.
class ReplicaLoop {
 public:
  ReplicaLoop(const ReplicaConfig& config, std::unique_ptr<RawNode> node,
              const ReplicaLoopParts& parts);

  // Takes what arrived (the vectors of `batch` come back empty, with their capacity) and `ticks`
  // that went by, and does everything that follows from them. Where leases are on, all ticks up to
  // the arrival of the batch must have been told, if only as `missed_ticks`, which time nothing out
  // (RawNode::ClockIsAt), or its reads may be answered by a lease that is over. An error means that
  // the disk of the log or of the snapshots failed, or that a snapshot could not be restored. It is
  // final: later calls refuse what they are given and return it again.
  absl::Status Round(Inbox::Batch& batch, uint64_t ticks, uint64_t missed_ticks = 0);

  // Work since it was taken last: to be moved out by the owner.
  AppendWorks& appends() { return appends_; }
  ApplyWorks& applies() { return applies_; }
  SnapshotOrders& snapshot_orders() { return orders_; }

  // None of an earlier time is still out, so that these may be carried out on the spot without
  // overtaking any.
  bool appends_are_alone() const { return appends_out_ == appends_.size(); }
  bool applies_are_alone() const { return applies_out_ == applies_.size(); }

  // What Round can do something with.
  Inbox::Wants wants() const {
    return {.proposals = pipeline_.wants_proposals(), .reads = reads_.wants_reads()};
  }

  // Ends everything that was taken and is not in applies(): proposals that did not enter the log
  // and reads are refused, the others are unknown; a term that is planned for ends, and leadership
  // is told to be over. No Round may follow.
  void EndAll();

  const RawNode& node() const { return *node_; }
  // What the state machine has applied, as far as it was given back.
  LogIndex applied() const { return applied_.index; }
  ReplicaStatus Status() const;  // allocates

 private:
  // One that the state machine reads and one that waits for it, each with an open file.
  static constexpr size_t kMaxRestores = 2;

  // replica_loop.cc
  void TakeIn(Inbox::Batch& batch, uint64_t ticks);
  void Refuse(Inbox::Batch& batch);
  void Step(Message& message);
  void CarryOut(ReplicaRequest& request);
  absl::Status Transfer(ReplicaId to);
  void StartReads();
  void WorkOffReady();
  void Send(absl::Span<Message> messages);
  void AnswerReads(absl::Span<const ReadAnswer> answers);
  void TellLeadership();
  void Tell(const LeadershipEvent& now);

  // replica_loop_works.cc
  absl::Status TakeBack(Inbox::Batch& batch);
  void TakeBackAppended(AppendWork& work);
  void TakeBackApplied(ApplyWork& work);
  void GiveOutAppend(const ReadyAppend& append);
  void GiveOutApply(const ReadyApply& apply);
  void GiveOutRestore(OpenedSnapshot&& snapshot);
  AppendWork& NewAppend();
  ApplyWork& NewApply();

  // replica_loop_snapshots.cc
  bool SnapshotIsDue() const;
  void StepSnapshot(Message& message);
  bool StandsForDurable(Message& message) const;
  OpenedSnapshot TakeOpened(const EntryId& last);
  absl::Status CheckSnapshots(const SnapshotEvents& events) const;
  void OrderSnapshot(ApplyWork& work);
  void TakeIn(SnapshotEvent& event);
  void OnWritten(const SnapshotEvent& event);
  void TakeUpSnapshot();
  void CompactLog();

  const ReplicaConfig config_;
  const std::unique_ptr<RawNode> node_;
  Transport& transport_;
  StageLatencies& latencies_;
  LeadershipListener* const leadership_;
  SnapshotStore* const snapshots_;
  ProposalPipeline pipeline_;
  ReadQueue reads_;
  MembershipRequests membership_;

  absl::Status failure_;      // of Round; final
  uint64_t clock_ticks_ = 0;  // went by, missed ones included
  SnapshotCounters snapshot_counters_;
  EntryId applied_;
  uint64_t unapplied_bytes_ = 0;  // payloads given out and not back
  LeadershipEvent told_;

  // Snapshots. What was given out for apply, in bytes; how much of it the last snapshot covers.
  LogBytes log_bytes_;
  EntryId given_;               // the last entry given out for apply
  LogIndex snapshot_asked_at_;  // and with it
  uint64_t snapshot_asked_bytes_ = 0;
  bool snapshot_under_way_ = false;
  uint32_t ticks_since_compaction_ = 0;
  EntryId compacted_;        // up to here the log on disk was given up
  OpenedSnapshot opened_;    // for the install that the node wants next
  size_t restores_out_ = 0;  // given out to be installed, and not in the state machine yet

  AppendWorks appends_, spare_appends_;
  ApplyWorks applies_, spare_applies_;
  SnapshotOrders orders_;
  size_t appends_out_ = 0;  // given out and not back
  size_t applies_out_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_
