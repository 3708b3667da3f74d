#include "rpc/cli/cluster_status.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace blixard::rpc {
namespace {

// ROLE_LEADER as "leader".
std::string RoleName(v1::Role role) {
  const std::string name = v1::Role_Name(role);
  return absl::AsciiStrToLower(name.substr(name.find('_') + 1));
}

double Mib(double bytes) { return bytes / (1 << 20); }

void DescribeDisk(const v1::DiskStatus& disk, v1::ClusterMember* member) {
  member->set_log_bytes(static_cast<double>(disk.log_bytes()));
  v1::ClusterDisk& described = *member->mutable_disk();
  described.set_directory(disk.directory());
  described.set_free_bytes(static_cast<double>(disk.free_bytes()));
  described.set_reserve_bytes(static_cast<double>(disk.reserve_bytes()));
  described.set_low(disk.free_bytes() < disk.reserve_bytes());
}

void DescribeMembers(const v1::MemberIds& members, v1::ClusterMember* member) {
  for (uint64_t id : members.voters()) member->add_voters(static_cast<double>(id));
  for (uint64_t id : members.outgoing_voters()) {
    member->add_outgoing_voters(static_cast<double>(id));
  }
  for (uint64_t id : members.learners()) member->add_learners(static_cast<double>(id));
}

void DescribeFollower(const v1::PeerProgress& peer, uint64_t last_index,
                      v1::ClusterFollower* follower) {
  follower->set_replica_id(static_cast<double>(peer.replica_id()));
  follower->set_role(peer.is_voter() ? "voter" : "learner");
  follower->set_state(peer.state());
  follower->set_match_index(static_cast<double>(peer.match_index()));
  follower->set_behind(static_cast<double>(last_index - peer.match_index()));
  follower->set_paused_because(peer.paused_because());
  follower->set_active(peer.active());
  follower->set_lost_data(peer.lost_data());
}

void DescribeLatency(const v1::StageLatency& latency, v1::ClusterLatency* described) {
  described->set_stage(latency.stage());
  described->set_count(static_cast<double>(latency.count()));
  v1::LatencyUs& us = *described->mutable_us();
  us.set_mean(latency.mean_us());
  us.set_p50(latency.p50_us());
  us.set_p99(latency.p99_us());
  us.set_p999(latency.p999_us());
  us.set_max(latency.max_us());
}

void DescribeCounters(const v1::ReplicaCounters& counters, v1::ClusterCounters* described) {
  const auto count = [](uint64_t counted) { return static_cast<double>(counted); };
  described->set_proposals_refused(count(counters.proposals_refused()));
  described->set_reads_refused(count(counters.reads_refused()));
  described->set_messages_dropped_queue_full(count(counters.messages_dropped_queue_full()));
  described->set_messages_dropped_no_memory(count(counters.messages_dropped_no_memory()));
  described->set_messages_dropped_link_full(count(counters.messages_dropped_link_full()));
  described->set_messages_dropped_no_address(count(counters.messages_dropped_no_address()));
  described->set_snapshots_taken(count(counters.snapshots_taken()));
  described->set_snapshots_failed(count(counters.snapshots_failed()));
  described->set_snapshots_sent(count(counters.snapshots_sent()));
  described->set_snapshots_not_sent(count(counters.snapshots_not_sent()));
  described->set_snapshots_received(count(counters.snapshots_received()));
  described->set_elections(count(counters.elections()));
}

void DescribeLog(const v1::ReplicaStatus& status, v1::ClusterMember* member) {
  member->set_commit_index(static_cast<double>(status.commit_index()));
  member->set_applied_index(static_cast<double>(status.applied_index()));
  member->set_first_index(static_cast<double>(status.first_index()));
  member->set_last_index(static_cast<double>(status.last_index()));
  member->set_snapshot_index(static_cast<double>(status.snapshot_index()));
}

std::string FormatMember(const v1::ClusterMember& member) {
  if (!member.error().empty()) {
    return fmt::format("{:>7} {:<22} does not answer: {}\n", "?", member.address(), member.error());
  }
  return fmt::format(
      "{:>7} {:<22} {:<13} {:>5} {:>9} {:>9} {:>9} {:>9} {:>8.0f} {:>9.0f} {:>6} "
      "{:>8}  {}\n",
      member.replica_id(), member.address(), member.role(), member.term(), member.commit_index(),
      member.applied_index(), member.snapshot_index(), member.first_index(),
      Mib(member.log_bytes()), Mib(member.disk().free_bytes()), member.nodes(), member.vms(),
      member.state_digest());
}

std::string FormatTroubles(const v1::ClusterMember& member) {
  std::string text;
  const auto trouble = [&](const std::string& what) {
    text += fmt::format("replica {}: {}\n", member.replica_id(), what);
  };
  if (!member.failure().empty()) trouble("has stopped by itself: " + member.failure());
  if (member.lost_data()) {
    trouble(
        "lacks what it had acknowledged and does not vote: remove it and add one with a new id");
  }
  if (member.disk().low()) {
    trouble(fmt::format("refuses changes: {} has {:.0f} MiB free, want {:.0f}: make room",
                        member.disk().directory(), Mib(member.disk().free_bytes()),
                        Mib(member.disk().reserve_bytes())));
  }
  if (member.outgoing_voters_size() > 0) trouble("a change of several voters is under way");
  return text;
}

std::string FormatCounters(const v1::ClusterStatus& status) {
  std::string text = fmt::format(
      "\nsince each replica started\n{:>7} {:>9} | refused {:>9} {:>9} | dropped {:>10} {:>9} "
      "{:>9} {:>10} | snapshots {:>5} {:>6} {:>5} {:>8} {:>8}\n",
      "replica", "elections", "proposals", "reads", "queue full", "no memory", "link full",
      "no address", "taken", "failed", "sent", "not sent", "received");
  for (const v1::ClusterMember& member : status.members()) {
    if (!member.error().empty()) continue;
    const v1::ClusterCounters& counters = member.counters();
    text += fmt::format(
        "{:>7} {:>9} | {:>17} {:>9} | {:>18} {:>9} {:>9} {:>10} | {:>15} {:>6} {:>5} {:>8} "
        "{:>8}\n",
        member.replica_id(), counters.elections(), counters.proposals_refused(),
        counters.reads_refused(), counters.messages_dropped_queue_full(),
        counters.messages_dropped_no_memory(), counters.messages_dropped_link_full(),
        counters.messages_dropped_no_address(), counters.snapshots_taken(),
        counters.snapshots_failed(), counters.snapshots_sent(), counters.snapshots_not_sent(),
        counters.snapshots_received());
  }
  return text;
}

// The one that knows best who belongs to the cluster; null when no leader answered.
const v1::ClusterMember* FindLeader(const v1::ClusterStatus& status) {
  const v1::ClusterMember* leader = nullptr;
  for (const v1::ClusterMember& member : status.members()) {
    if (member.role() != "leader") continue;
    if (leader == nullptr || leader->term() < member.term()) leader = &member;
  }
  return leader;
}

// A replica that was removed may not know it, and one that waits to be added does not belong yet.
std::string FormatStranger(const v1::ClusterMember& member, const v1::ClusterMember& leader) {
  const auto has = [&](const auto& ids) {
    return std::find(ids.begin(), ids.end(), member.replica_id()) != ids.end();
  };
  const bool belongs =
      has(leader.voters()) || has(leader.outgoing_voters()) || has(leader.learners());
  if (belongs || !member.error().empty()) return "";
  return fmt::format(
      "replica {}: is no member, says leader {}: stop its process, or add it if it is new\n",
      member.replica_id(), leader.replica_id());
}

std::string FormatFollowers(const v1::ClusterMember& leader) {
  std::string text = fmt::format("\nfollowers of replica {}\n{:>7} {:<8} {:<10} {:>9} {:>9}  {}\n",
                                 leader.replica_id(), "replica", "role", "state", "match", "behind",
                                 "sent nothing because");
  for (const v1::ClusterFollower& follower : leader.followers()) {
    std::string why = follower.paused_because() == "none" ? "" : follower.paused_because();
    if (!follower.active()) why += why.empty() ? "(silent)" : " (silent)";
    text +=
        fmt::format("{:>7} {:<8} {:<10} {:>9} {:>9}  {}\n", follower.replica_id(), follower.role(),
                    follower.state(), follower.match_index(), follower.behind(), why);
  }
  return text;
}

std::string FormatLatencies(const v1::ClusterMember& member) {
  std::string text =
      fmt::format("\nlatencies of replica {} in us\n{:<8} {:>10} {:>9} {:>9} {:>9} {:>9}\n",
                  member.replica_id(), "stage", "count", "p50", "p99", "p99.9", "max");
  for (const v1::ClusterLatency& latency : member.latencies()) {
    text += fmt::format("{:<8} {:>10} {:>9.0f} {:>9.0f} {:>9.0f} {:>9.0f}\n", latency.stage(),
                        latency.count(), latency.us().p50(), latency.us().p99(),
                        latency.us().p999(), latency.us().max());
  }
  return text;
}

}  // namespace

v1::ClusterMember Describe(const std::string& address,
                           const absl::StatusOr<v1::ReplicaStatus>& status) {
  v1::ClusterMember member;
  member.set_address(address);
  if (!status.ok()) {
    member.set_error(std::string(status.status().message()));
    return member;
  }
  member.set_replica_id(static_cast<double>(status->replica_id()));
  member.set_role(RoleName(status->role()));
  member.set_term(static_cast<double>(status->term()));
  member.set_leader_id(static_cast<double>(status->leader_id()));
  DescribeLog(*status, &member);
  member.set_state_digest(status->state_digest());
  member.set_nodes(status->nodes());
  member.set_vms(static_cast<uint32_t>(status->vms()));
  member.set_wal_syncs(static_cast<double>(status->counters().wal_syncs()));
  member.set_proposals(static_cast<double>(status->counters().proposals()));
  member.set_lost_data(status->lost_data());
  member.set_failure(status->failure());
  DescribeCounters(status->counters(), member.mutable_counters());
  DescribeDisk(status->disk(), &member);
  DescribeMembers(status->members(), &member);
  for (const v1::PeerProgress& peer : status->peers()) {
    DescribeFollower(peer, status->last_index(), member.add_followers());
  }
  for (const v1::StageLatency& latency : status->latencies()) {
    DescribeLatency(latency, member.add_latencies());
  }
  return member;
}

std::string Format(const v1::ClusterStatus& status) {
  std::string text =
      fmt::format("{:>7} {:<22} {:<13} {:>5} {:>9} {:>9} {:>9} {:>9} {:>8} {:>9} {:>6} {:>8}  {}\n",
                  "replica", "address", "role", "term", "commit", "applied", "snapshot", "log from",
                  "log MiB", "free MiB", "nodes", "VMs", "digest");
  for (const v1::ClusterMember& member : status.members()) text += FormatMember(member);
  const v1::ClusterMember* const leader = FindLeader(status);
  for (const v1::ClusterMember& member : status.members()) {
    text += FormatTroubles(member);
    if (leader != nullptr) text += FormatStranger(member, *leader);
  }
  text += FormatCounters(status);
  for (const v1::ClusterMember& member : status.members()) {
    if (member.role() == "leader") text += FormatFollowers(member) + FormatLatencies(member);
  }
  return text;
}

}  // namespace blixard::rpc
