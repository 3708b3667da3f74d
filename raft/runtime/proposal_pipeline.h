// Proposals from the inbox to their entries: the leader's part of the way that needs no disk.
#ifndef BLIXARD_RAFT_RUNTIME_PROPOSAL_PIPELINE_H_
#define BLIXARD_RAFT_RUNTIME_PROPOSAL_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/raw_node.h"
#include "raft/runtime/fifo.h"
#include "raft/runtime/planner.h"
#include "raft/runtime/proposal_batch.h"
#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/stage_latencies.h"

namespace blixard::raft {

// backlog -> Plan -> one entry -> pending until its entry is committed, or lost.
// Thread-free. Every proposal that was taken ends exactly once: refused, unknown, or with the batch
// that TakeBatchOf gave away. Its parts are not owned and outlive it.
class ProposalPipeline {
 public:
  ProposalPipeline(const ReplicaConfig& config, RawNode& node, Planner& planner,
                   StageLatencies& latencies);

  // Whether it can do something with proposals: plan them, or refuse them because another leads.
  bool wants_proposals() const;

  // Takes proposals; `proposals` comes back empty, with its capacity.
  void Take(std::vector<memory::Pooled<RaftProposal>>& proposals);

  // How far the state machine is: `applied` decides when planning may begin, the bytes that wait
  // for it when planning pauses.
  struct ApplyState {
    LogIndex applied;
    uint64_t waiting_bytes = 0;
  };
  // Follows the node's role, then plans and proposes what there is room for. Call it after every
  // change of the node, and before HandedOut entries are looked up.
  void Run(const ApplyState& state);

  // The proposals of a committed entry; empty if they were not proposed here, or were ended.
  memory::Pooled<ProposalBatch> TakeBatchOf(EntryId entry);

  // Refuses what was not proposed and ends what was with "unknown"; the planner's term ends.
  // Nothing may follow.
  void EndAll();

  uint64_t proposals() const { return proposals_; }  // planned into entries
  uint64_t entries() const { return entries_; }

 private:
  void FollowLeadership();
  void EndTerm();
  void EndPending();
  void ProposeBacklog(const ApplyState& state);
  bool HasRoomForAnEntry(const ApplyState& state);
  void ProposeEntry();
  memory::Buffer PlanPayload(ProposalBatch& batch);
  void RefuseBacklog();

  const ReplicaConfig& config_;
  RawNode& node_;
  Planner& planner_;
  StageLatencies& latencies_;

  std::optional<Term> led_term_;  // the term this replica leads
  LogIndex caught_up_at_;  // its own empty entry of that term; planning waits for it to apply
  bool planning_ = false;  // between BeginTerm and EndTerm of the planner

  memory::ObjectPool<ProposalBatch> batches_;
  std::vector<memory::Pooled<RaftProposal>> backlog_;  // taken from the inbox
  size_t backlog_done_ = 0;                            // of it, already proposed
  Fifo<memory::Pooled<ProposalBatch>> pending_;        // proposed, not yet committed; by index
  memory::Pooled<ProposalBatch> next_batch_;           // for the entry planned next

  memory::Buffer scratch_;                   // room for the largest batch, used again and again
  std::vector<absl::string_view> requests_;  // reused
  uint64_t proposals_ = 0;
  uint64_t entries_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_PROPOSAL_PIPELINE_H_
