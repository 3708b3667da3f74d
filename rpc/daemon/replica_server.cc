#include "rpc/daemon/replica_server.h"

#include <glog/logging.h>
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/node_status.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/replica_on_disk.h"
#include "raft/storage/directory_path.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal_options.h"
#include "rpc/client/host_port.h"
#include "rpc/service/cluster_service.h"
#include "rpc/service/membership_service.h"
#include "rpc/service/placement_service.h"
#include "rpc/transport/peer_service.h"
#include "rpc/transport/peer_transport.h"
#include "scheduler/replicated/placement_planner.h"
#include "scheduler/replicated/placement_state_machine.h"

namespace blixard::rpc {
namespace {

constexpr auto kShutdownGrace = std::chrono::milliseconds(500);

uint64_t SnapshotBytesPerTick(const ReplicaServerOptions& options) {
  return static_cast<uint64_t>(static_cast<double>(options.snapshot_bytes_per_s) *
                               absl::ToDoubleSeconds(options.tick));
}

raft::ReplicaConfig RaftConfig(const ReplicaServerOptions& options) {
  raft::ReplicaConfig config{.cluster = options.cluster,
                             .id = options.id,
                             .seed = std::random_device()(),
                             .tick = options.tick,
                             .election_ticks = options.election_ticks,
                             .heartbeat_ticks = options.heartbeat_ticks,
                             .lease = {.enabled = options.lease_clock_error_ticks > 0,
                                       .clock_error_ticks = options.lease_clock_error_ticks},
                             .max_inflight_bytes = options.max_inflight_bytes,
                             .snapshot_entries = options.snapshot_entries,
                             .snapshot_bytes = options.snapshot_log_bytes,
                             .max_retained_bytes = options.retained_log_bytes,
                             .snapshot_bytes_per_tick = SnapshotBytesPerTick(options)};
  if (options.join) return config;  // it waits for a leader
  for (const auto& [id, address] : options.peers) config.voters.push_back(id);
  return config;
}

absl::Status MakeDataDirectory(const std::string& path) {
  raft::PosixFileSystem files;
  const absl::Status made = raft::MakeDirectories(files, path);
  if (made.ok()) return made;
  return absl::InvalidArgumentError(
      absl::StrCat("data-dir ", path, ": want one that can be made, got: ", made.message()));
}

// As the log says: a cluster may have grown since the options were written.
bool HasOtherVoters(const raft::NodeStatus& node) {
  const auto& voters = node.configuration.voters;
  return std::any_of(voters.begin(), voters.end(),
                     [&](raft::ReplicaId id) { return id != node.id; });
}

}  // namespace

absl::Status ReplicaServerOptions::Validate() const {
  for (const auto& [peer, address] : peers) {
    const std::string field = absl::StrCat("peer ", static_cast<uint64_t>(peer));
    if (absl::Status valid = CheckHostPort(field, address); !valid.ok()) return valid;
  }
  if (absl::Status valid = CheckHostPort("listen", listen); !valid.ok()) return valid;
  if (data_directory.empty()) {
    return absl::InvalidArgumentError("data-dir: want a path, got none");
  }
  if (election_ticks <= heartbeat_ticks) {
    return absl::InvalidArgumentError(absl::StrCat("election-ticks: want above heartbeat-ticks = ",
                                                   heartbeat_ticks, ", got ", election_ticks));
  }
  // Ticks come at any moment of their period, on both sides: that is two more.
  if (lease_clock_error_ticks > 0 && lease_clock_error_ticks + 3 > election_ticks) {
    return absl::InvalidArgumentError(absl::StrCat(
        "lease-clock-error-ticks: want 0, for no lease, or at most election-ticks - 3 with "
        "election-ticks = ",
        election_ticks, ", got ", lease_clock_error_ticks));
  }
  constexpr uint64_t kMinBytesPerTick = 64 * 1024;  // one chunk of a snapshot
  if (SnapshotBytesPerTick(*this) < kMinBytesPerTick) {
    constexpr double kMib = 1 << 20;
    return absl::InvalidArgumentError(
        absl::StrCat("snapshot-mib-per-s: want at least ",
                     std::ceil(kMinBytesPerTick / absl::ToDoubleSeconds(tick) / kMib),
                     ", a chunk of 64 KiB in every tick of ", absl::FormatDuration(tick), ", got ",
                     static_cast<double>(snapshot_bytes_per_s) / kMib));
  }
  return RaftConfig(*this).Validate();
}

// In the order in which they are built; each uses only what stands above it, but for the transport,
// which tells the replica of broken connections.
struct ReplicaServer::Parts {
  explicit Parts(const ReplicaServerOptions& options) : options(options) {}

  v1::NotLeader FindLeader() const {
    v1::NotLeader not_leader;
    const raft::Replica* const running = running_replica.load(std::memory_order_acquire);
    const raft::ReplicaId leader = running == nullptr ? raft::kNoReplica : running->leader();
    if (leader == raft::kNoReplica) return not_leader;
    not_leader.set_leader_id(static_cast<uint64_t>(leader));
    not_leader.set_leader_address(transport->AddressOf(leader));
    return not_leader;
  }

  const ReplicaServerOptions options;
  scheduler::PlacementStateMachine state_machine{scheduler::PlacementOptions{}};
  scheduler::PlacementPlanner planner{state_machine};
  std::unique_ptr<PeerTransport> transport;
  std::atomic<raft::Replica*> running_replica{nullptr};
  std::unique_ptr<raft::ReplicaOnDisk> on_disk;
  std::optional<PlacementService> placement_service;
  std::optional<ClusterService> cluster_service;
  std::optional<MembershipService> membership_service;
  std::optional<PeerService> peer_service;
  std::unique_ptr<grpc::Server> server;
};

absl::StatusOr<std::unique_ptr<ReplicaServer>> ReplicaServer::Start(
    const ReplicaServerOptions& options, std::function<void(const absl::Status&)> on_failure) {
  if (absl::Status valid = options.Validate(); !valid.ok()) return valid;
  if (absl::Status made = MakeDataDirectory(options.data_directory); !made.ok()) return made;
  auto parts = std::make_unique<Parts>(options);
  Parts* const all = parts.get();
  parts->transport = std::make_unique<PeerTransport>(
      options.cluster, options.id, options.peers, [all](raft::ReplicaId peer) {
        raft::Replica* const running = all->running_replica.load(std::memory_order_acquire);
        if (running != nullptr) running->ReportUnreachable(peer);
      });
  absl::StatusOr<std::unique_ptr<raft::ReplicaOnDisk>> on_disk = raft::ReplicaOnDisk::Start(
      RaftConfig(options),
      {.directory = options.data_directory, .reserve_bytes = options.disk_reserve_bytes},
      {.transport = *parts->transport,
       .state_machine = parts->state_machine,
       .planner = &parts->planner},
      std::move(on_failure));
  if (!on_disk.ok()) return on_disk.status();
  parts->on_disk = *std::move(on_disk);
  raft::Replica& replica = parts->on_disk->replica();
  parts->running_replica.store(&replica, std::memory_order_release);
  auto server = std::unique_ptr<ReplicaServer>(new ReplicaServer(std::move(parts)));

  const auto find_leader = [all] { return all->FindLeader(); };
  all->placement_service.emplace(replica, all->state_machine, find_leader);
  all->cluster_service.emplace(replica, all->state_machine, find_leader,
                               raft::WalOptions().segment_bytes);
  all->membership_service.emplace(
      replica, find_leader, [all](raft::ReplicaId id) { return all->transport->AddressOf(id); });
  all->peer_service.emplace(options.cluster, options.id, replica,
                            [all](raft::ReplicaId peer, absl::string_view address) {
                              all->transport->Learn(peer, address);
                            });
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, options.reuse_port ? 1 : 0);
  // Peers ask every ten seconds whether a silent connection still stands (transport/channel.cc).
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.RegisterService(&*all->placement_service);
  builder.RegisterService(&*all->cluster_service);
  builder.RegisterService(&*all->membership_service);
  builder.RegisterService(&*all->peer_service);
  all->server = builder.BuildAndStart();
  if (all->server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat(
        "listen: want an address of this machine with a free port, got ", options.listen));
  }
  return server;
}

ReplicaServer::ReplicaServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ReplicaServer::~ReplicaServer() { Stop(); }

void ReplicaServer::Stop() {
  const absl::Duration limit = parts_->options.hand_over_limit;
  raft::Replica& replica = parts_->on_disk->replica();
  if (parts_->server != nullptr && limit > absl::ZeroDuration() && !replica.HandOver(limit) &&
      HasOtherVoters(replica.Status().node)) {
    LOG(WARNING) << "stops as the leader: no other voter took over";
  }
  // The replica ends the open calls, so that the server has nothing left to wait for.
  replica.Stop();
  if (parts_->server != nullptr) {
    parts_->server->Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
    parts_->server->Wait();
    parts_->server.reset();
  }
  parts_->transport.reset();  // its callbacks use the replica
}

bool ReplicaServer::HasLeader() const {
  return parts_->on_disk->replica().leader() != raft::kNoReplica;
}

}  // namespace blixard::rpc
