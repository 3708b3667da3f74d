// Where the sizes of raft's pools come from: the limits of everything that may hold an object at
// once, added up.
#ifndef BLIXARD_RAFT_RUNTIME_POOL_BUDGETS_H_
#define BLIXARD_RAFT_RUNTIME_POOL_BUDGETS_H_

#include <array>
#include <cstddef>

#include "memory_optimization/pool_budget.h"

namespace blixard::raft {

// Defaults of ReplicaConfig.
inline constexpr size_t kMaxQueuedProposals = 16'384;
inline constexpr size_t kMaxQueuedReads = 16'384;
inline constexpr size_t kMaxQueuedMessages = 4'096;
// Entries of one replica that are proposed and not yet applied; beyond, planning waits.
inline constexpr size_t kMaxProposalBatches = 4'096;

// The last limit of each is held by the pool alone: what would exceed it finds the pool exhausted.
inline constexpr std::array kProposalLimits = {
    memory::PoolLimit{.holder = "waiting in the inbox", .objects = kMaxQueuedProposals},
    memory::PoolLimit{.holder = "taken from it, not planned yet", .objects = kMaxQueuedProposals},
    memory::PoolLimit{.holder = "in entries not applied yet", .objects = 32'768}};
inline constexpr std::array kMessageLimits = {
    memory::PoolLimit{.holder = "waiting in the inbox", .objects = kMaxQueuedMessages},
    memory::PoolLimit{.holder = "taken from it for one round", .objects = kMaxQueuedMessages},
    memory::PoolLimit{.holder = "being decoded, or of other replicas in the process",
                      .objects = 8'192}};
inline constexpr std::array kBatchLimits = {
    memory::PoolLimit{.holder = "proposed and not applied", .objects = kMaxProposalBatches}};

// For PrintPoolBudgets.
inline constexpr std::array kPoolBudgets = {
    memory::PoolBudget{.pool = "raft_proposal", .limits = kProposalLimits},
    memory::PoolBudget{.pool = "raft_message", .limits = kMessageLimits},
    memory::PoolBudget{.pool = "proposal_batch", .limits = kBatchLimits}};
inline constexpr const memory::PoolBudget& kProposalBudget = kPoolBudgets[0];
inline constexpr const memory::PoolBudget& kMessageBudget = kPoolBudgets[1];
inline constexpr const memory::PoolBudget& kBatchBudget = kPoolBudgets[2];

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_POOL_BUDGETS_H_
