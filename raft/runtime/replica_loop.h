// What a replica does in one round, without threads or clock: the same on real time and in a
// simulation, which owns both.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "raft/core/raw_node.h"
#include "raft/runtime/append_work.h"
#include "raft/runtime/apply_work.h"
#include "raft/runtime/inbox.h"
#include "raft/runtime/leadership_listener.h"
#include "raft/runtime/planner.h"
#include "raft/runtime/proposal_pipeline.h"
#include "raft/runtime/read_queue.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/replica_status.h"
#include "raft/runtime/stage_clock.h"
#include "raft/runtime/transport.h"

namespace blixard::raft {

// Not owned; they outlive the loop.
struct ReplicaLoopParts {
  Transport& transport;
  Planner& planner;
  StageClock& clock;
  LeadershipListener* leadership = nullptr;  // null = nobody asks
};

// A proposal's way on the leader:
//   inbox -> ProposalPipeline -> entry -> peers                  inside Round
//                                  \----> appends() -> LogWriter    wherever the owner runs it
//                           (quorum) ---> applies() -> Applier      the same; answers it
//
// The owner carries out appends() in order, several at once if it likes, and applies() in order,
// and gives each back through Inbox::Batch::appended and ::applied. Used by one thread at a time.
class ReplicaLoop {
 public:
  ReplicaLoop(const ReplicaConfig& config, std::unique_ptr<RawNode> node,
              const ReplicaLoopParts& parts);

  // Takes what arrived (the vectors of `batch` come back empty, with their capacity) and `ticks`
  // that went by, and does everything that follows from them. An error means that the disk failed:
  // from then on only EndAll and Status may be called.
  absl::Status Round(Inbox::Batch& batch, uint64_t ticks);

  // Work since it was taken last: to be moved out by the owner.
  AppendWorks& appends() { return appends_; }
  ApplyWorks& applies() { return applies_; }

  // What Round can do something with.
  Inbox::Wants wants() const {
    return {.proposals = pipeline_.wants_proposals(), .reads = reads_.wants_reads()};
  }

  // Ends everything that was taken and is not in applies(): proposals that did not enter the log
  // and reads are refused, the others are unknown.
  void EndAll();

  const RawNode& node() const { return *node_; }
  // What the state machine has applied, as far as it was given back.
  LogIndex applied() const { return applied_; }
  ReplicaStatus Status() const;  // allocates

 private:
  absl::Status TakeBack(Inbox::Batch& batch);
  void TakeBackApplied(ApplyWork& work);
  void TakeIn(Inbox::Batch& batch, uint64_t ticks);
  void CarryOut(const ReplicaRequest& request);
  void WorkOffReady();
  void Send(absl::Span<const Message> messages);
  void GiveOutAppend(const ReadyBatch& ready);
  void GiveOutApply(absl::Span<const Entry> committed);
  void TellLeadership();

  const ReplicaConfig config_;
  const std::unique_ptr<RawNode> node_;
  Transport& transport_;
  LeadershipListener* const leadership_;
  ProposalPipeline pipeline_;
  ReadQueue reads_;

  bool storing_ = false;  // the node's batch is with the owner
  LogIndex applied_;
  uint64_t unapplied_bytes_ = 0;  // payloads given out and not back
  LeadershipEvent told_;

  AppendWorks appends_, spare_appends_;
  ApplyWorks applies_, spare_applies_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_
