// What a replica does in one round, without threads or clock: the same on real time and in a
// simulation, which owns both.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/raw_node.h"
#include "raft/runtime/applier.h"
#include "raft/runtime/fifo.h"
#include "raft/runtime/inbox.h"
#include "raft/runtime/planner.h"
#include "raft/runtime/proposal_batch.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/replica_status.h"
#include "raft/runtime/transport.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {

// A proposal's way on the leader, left to right; every hop but the quorum is in one round:
//   backlog -> Plan -> one entry -> peers -> own disk -> (quorum) -> applier -> answer
// Used by one thread at a time. Its parts are not owned and outlive it.
class ReplicaLoop {
 public:
  ReplicaLoop(const ReplicaConfig& config, std::unique_ptr<RawNode> node, LogStorage& storage,
              Transport& transport, Planner& planner, Applier& applier);

  // Takes what arrived (the vectors of `batch` come back empty, with their capacity) and `ticks`
  // that went by, and does everything that follows from them. An error means that the disk failed:
  // from then on only EndAll and Status may be called.
  absl::Status Round(Inbox::Batch& batch, uint64_t ticks);

  // Whether Round can do something with proposals: plan them, or refuse them because another leads.
  bool wants_proposals() const;

  // Refuses what was not proposed and ends what was with "unknown".
  void EndAll();

  const RawNode& node() const { return *node_; }
  ReplicaStatus Status() const;  // allocates

 private:
  void TakeIn(Inbox::Batch& batch, uint64_t ticks);
  absl::Status WorkOffReady();
  absl::Status Persist(const ReadyBatch& ready);
  void Send(absl::Span<const Message> messages);
  void HandToApplier(absl::Span<const Entry> committed);
  memory::Pooled<ProposalBatch> TakeBatchOf(EntryId entry);

  void FollowLeadership();
  void EndTerm();
  void BeginTermWhenCaughtUp();

  void ProposeBacklog();
  bool HasRoomForAnEntry();
  void ProposeEntry();
  memory::Buffer PlanPayload(ProposalBatch& batch);
  void RefuseBacklog();

  uint64_t unapplied_bytes() const { return handed_bytes_ - applier_.bytes_applied(); }

  const ReplicaConfig config_;
  const std::unique_ptr<RawNode> node_;
  LogStorage& storage_;
  Transport& transport_;
  Planner& planner_;
  Applier& applier_;

  std::optional<Term> led_term_;  // the term this replica leads
  LogIndex caught_up_at_;  // its own empty entry of that term; planning waits for it to apply
  bool planning_ = false;  // between BeginTerm and EndTerm of the planner

  memory::ObjectPool<ProposalBatch> batches_;
  std::vector<memory::Pooled<RaftProposal>> backlog_;  // taken from the inbox
  size_t backlog_done_ = 0;                            // of it, already proposed
  Fifo<memory::Pooled<ProposalBatch>> pending_;        // proposed, not yet committed; by index
  memory::Pooled<ProposalBatch> next_batch_;           // for the entry planned next
  uint64_t handed_bytes_ = 0;                          // payloads given to the applier, ever

  memory::Buffer scratch_;                   // room for the largest batch, used again and again
  std::vector<absl::string_view> requests_;  // reused
  std::vector<ApplyItem> items_;             // reused
  ReplicaCounters counters_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_LOOP_H_
