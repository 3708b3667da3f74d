#include "rpc/service/cluster_service.h"

#include <string>

#include "memory_optimization/pool_registry.h"
#include "raft/core/configuration.h"
#include "raft/core/node_status.h"
#include "raft/runtime/latency_histogram.h"
#include "raft/runtime/replica_status.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/storage/log_storage.h"

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

void FillIn(const raft::PeerStatus& peer, v1::PeerProgress* progress) {
  progress->set_replica_id(static_cast<uint64_t>(peer.id));
  progress->set_state(std::string(raft::ProgressStateName(peer.state)));
  progress->set_match_index(peer.match.value);
  progress->set_next_index(peer.next.value);
  progress->set_inflight_messages(peer.inflight_messages);
  progress->set_inflight_bytes(peer.inflight_bytes);
  progress->set_paused(peer.paused != raft::PauseReason::kNone);
  progress->set_paused_because(std::string(raft::PauseReasonName(peer.paused)));
  progress->set_active(peer.recent_active);
  progress->set_is_voter(peer.is_voter);
  progress->set_lost_data(peer.lost_data);
  progress->set_pending_snapshot_index(peer.pending_snapshot.value);
}

void FillIn(const raft::Configuration& configuration, v1::MemberIds* members) {
  for (raft::ReplicaId id : configuration.voters) {
    members->add_voters(static_cast<uint64_t>(id));
  }
  for (raft::ReplicaId id : configuration.outgoing) {
    members->add_outgoing_voters(static_cast<uint64_t>(id));
  }
  for (raft::ReplicaId id : configuration.learners) {
    members->add_learners(static_cast<uint64_t>(id));
  }
}

void FillIn(const raft::NodeStatus& node, v1::ReplicaStatus* response) {
  response->set_cluster_id(static_cast<uint64_t>(node.cluster));
  response->set_replica_id(static_cast<uint64_t>(node.id));
  response->set_role(ToRole(node.role));
  response->set_term(node.term.value);
  response->set_first_index(node.first_index.value);
  response->set_last_index(node.last_index.value);
  response->set_commit_index(node.commit_index.value);
  response->set_snapshot_index(node.snapshot_index.value);
  response->set_lost_data(node.lost_data);
  FillIn(node.configuration, response->mutable_members());
  for (const raft::PeerStatus& peer : node.peers) FillIn(peer, response->add_peers());
}

void FillIn(const raft::LogSpace& space, v1::DiskStatus* disk) {
  disk->set_directory(space.directory);
  disk->set_free_bytes(space.free_bytes);
  disk->set_reserve_bytes(space.wanted_bytes);
}

void FillIn(const raft::LatencySummary& summary, v1::StageLatency* latency) {
  constexpr double kNsPerUs = 1e3;
  latency->set_count(summary.count);
  latency->set_mean_us(static_cast<double>(summary.mean_ns) / kNsPerUs);
  latency->set_p50_us(static_cast<double>(summary.p50_ns) / kNsPerUs);
  latency->set_p99_us(static_cast<double>(summary.p99_ns) / kNsPerUs);
  latency->set_p999_us(static_cast<double>(summary.p999_ns) / kNsPerUs);
  latency->set_max_us(static_cast<double>(summary.max_ns) / kNsPerUs);
}

void FillIn(const raft::ReplicaCounters& counters, v1::ReplicaCounters* response) {
  response->set_proposals(counters.proposals);
  response->set_proposals_refused(counters.proposals_refused);
  response->set_entries_proposed(counters.entries_proposed);
  response->set_entries_applied(counters.entries_applied);
  response->set_wal_syncs(counters.wal_syncs);
  response->set_wal_bytes(counters.wal_bytes);
  response->set_elections(counters.elections);
  response->set_reads_refused(counters.reads_refused);
  response->set_messages_dropped_queue_full(counters.messages_dropped_queue_full);
  response->set_messages_dropped_no_memory(counters.messages_dropped_no_memory);
  response->set_messages_dropped_link_full(counters.transport.link_full);
  response->set_messages_dropped_no_address(counters.transport.no_address);
  response->set_snapshots_taken(counters.snapshots.taken);
  response->set_snapshots_failed(counters.snapshots.failed);
  response->set_snapshots_sent(counters.snapshots.sent);
  response->set_snapshots_not_sent(counters.snapshots.not_sent);
  response->set_snapshots_received(counters.snapshots.received);
}

void FillIn(const scheduler::StateSummary& summary, v1::ReplicaStatus* response) {
  response->set_state_index(summary.applied_index.value);
  response->set_state_digest(scheduler::FormatDigest(summary.digest));
  response->set_nodes(summary.nodes);
  response->set_vms(summary.vms);
}

void FillInPools(v1::ReplicaStatus* response) {
  memory::PoolRegistry::Global().ForEach(
      [response](std::string_view name, const memory::PoolStats& stats) {
        v1::PoolStatus& pool = *response->add_pools();
        pool.set_name(std::string(name));
        pool.set_live(stats.live);
        pool.set_idle(stats.idle);
        pool.set_peak(stats.peak);
      });
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
  FillIn(status.space, response->mutable_disk());
  response->mutable_disk()->set_log_files(status.storage.segments);
  response->mutable_disk()->set_log_bytes(status.storage.segments * log_file_bytes_);
  for (size_t stage = 0; stage < raft::kStages; ++stage) {
    v1::StageLatency& latency = *response->add_latencies();
    latency.set_stage(std::string(raft::StageName(static_cast<raft::Stage>(stage))));
    FillIn(status.latencies[stage], &latency);
  }
  if (!status.failure.ok()) response->set_failure(status.failure.ToString());
  const v1::NotLeader leader = find_leader_();
  response->set_leader_id(leader.leader_id());
  response->set_leader_address(leader.leader_address());
  FillInPools(response);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace blixard::rpc
