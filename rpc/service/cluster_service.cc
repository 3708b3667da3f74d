#include "rpc/service/cluster_service.h"

#include <string>

#include "memory_optimization/pool_registry.h"
#include "raft/core/node_status.h"

namespace blixard::rpc {
namespace {

v1::Role ToRole(raft::Role role) {
  switch (role) {
    case raft::Role::kFollower:
      return v1::ROLE_FOLLOWER;
    case raft::Role::kPreCandidate:
      return v1::ROLE_PRE_CANDIDATE;
    case raft::Role::kCandidate:
      return v1::ROLE_CANDIDATE;
    case raft::Role::kLeader:
      return v1::ROLE_LEADER;
  }
  return v1::ROLE_UNSPECIFIED;
}

void FillIn(const raft::NodeStatus& node, v1::ReplicaStatus* response) {
  response->set_cluster_id(static_cast<uint64_t>(node.cluster));
  response->set_replica_id(static_cast<uint64_t>(node.id));
  response->set_role(ToRole(node.role));
  response->set_term(node.term.value);
  response->set_last_index(node.last_index.value);
  response->set_commit_index(node.commit_index.value);
  for (const raft::PeerStatus& peer : node.peers) {
    v1::PeerProgress& progress = *response->add_peers();
    progress.set_replica_id(static_cast<uint64_t>(peer.id));
    progress.set_state(std::string(raft::ProgressStateName(peer.state)));
    progress.set_match_index(peer.match.value);
    progress.set_next_index(peer.next.value);
    progress.set_inflight_messages(peer.inflight_messages);
    progress.set_paused(peer.paused != raft::PauseReason::kNone);
  }
}

void FillIn(const raft::ReplicaCounters& counters, v1::ReplicaCounters* response) {
  response->set_proposals(counters.proposals);
  response->set_proposals_refused(counters.proposals_refused);
  response->set_entries_proposed(counters.entries_proposed);
  response->set_entries_applied(counters.entries_applied);
  response->set_wal_syncs(counters.wal_syncs);
  response->set_wal_bytes(counters.wal_bytes);
  response->set_elections(counters.elections);
}

void FillIn(const scheduler::StateSummary& summary, v1::ReplicaStatus* response) {
  response->set_state_index(summary.applied_index.value);
  response->set_state_digest(scheduler::FormatDigest(summary.digest));
  response->set_nodes(summary.nodes);
  response->set_vms(summary.vms);
}

}  // namespace

grpc::ServerUnaryReactor* ClusterService::GetStatus(grpc::CallbackServerContext* context,
                                                    const v1::GetStatusRequest*,
                                                    v1::ReplicaStatus* response) {
  const raft::ReplicaStatus status = replica_.Status();
  FillIn(status.node, response);
  response->set_applied_index(status.applied.value);
  FillIn(status.counters, response->mutable_counters());
  FillIn(state_.Summary(), response);
  const v1::NotLeader leader = find_leader_();
  response->set_leader_id(leader.leader_id());
  response->set_leader_address(leader.leader_address());
  memory::PoolRegistry::Global().ForEach(
      [response](std::string_view name, const memory::PoolStats& stats) {
        v1::PoolStatus& pool = *response->add_pools();
        pool.set_name(std::string(name));
        pool.set_live(stats.live);
        pool.set_idle(stats.idle);
        pool.set_peak(stats.peak);
      });
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace blixard::rpc
