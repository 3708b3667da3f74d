#include "tests/rpc/transport/networked_replica.h"

#include <glog/logging.h>

#include <utility>

#include "absl/time/time.h"
#include "memory_optimization/buffer_pool.h"
#include "rpc/transport/grpc_transport.h"
#include "rpc/transport/tcp_transport.h"

namespace blixard::rpc {
namespace {

template <class Wire>
class WireNetwork : public TestNetwork {
 public:
  explicit WireNetwork(const NetworkedReplicaOptions& options)
      : transport_(Wire::Listen({.cluster = kNetworkedCluster,
                                 .self = raft::ReplicaId{options.id},
                                 .addresses = options.addresses})
                       .value()) {}

  raft::Transport& transport() override { return *transport_; }
  void Serve(raft::Replica& replica) override { transport_->Serve(replica); }
  void Stop() override { transport_->Stop(); }
  size_t WaitingBytes(raft::ReplicaId peer) override { return transport_->WaitingBytes(peer); }

 private:
  const std::unique_ptr<Wire> transport_;
};

raft::ReplicaConfig ConfigOf(const NetworkedReplicaOptions& options) {
  raft::ReplicaConfig config;
  config.cluster = kNetworkedCluster;
  config.id = raft::ReplicaId{options.id};
  for (const auto& [id, address] : options.addresses) config.voters.push_back(id);
  config.seed = options.id;
  config.tick = absl::Milliseconds(20);
  config.election_ticks = 50;
  if (!options.may_campaign) config.priority = 0;
  config.max_request_bytes = config.max_batch_bytes / 2;
  config.max_uncommitted_bytes = kUncommittedBytes;
  config.max_unapplied_bytes = kUncommittedBytes;
  config.snapshot_bytes = kSnapshotBytes;
  config.max_retained_bytes = kRetainedBytes;
  return config;
}

}  // namespace

NetworkedReplica::NetworkedReplica(const NetworkedReplicaOptions& options) {
  const raft::ReplicaConfig config = ConfigOf(options);
  auto opened = raft::Wal::Open(files_, memory::BufferPool::Default(),
                                {.directory = "/log",
                                 .cluster = config.cluster,
                                 .replica = config.id,
                                 .segment_bytes = size_t{2} << 20});
  CHECK(opened.ok()) << opened.status();
  wal_ = std::move(opened->wal);
  raft::SnapshotStoreOptions store;
  store.cluster = config.cluster;
  store.directory = "/snapshots";
  auto snapshots = raft::SnapshotStore::Open(files_, store);
  CHECK(snapshots.ok()) << snapshots.status();
  snapshots_ = *std::move(snapshots);
  if (options.network == NetworkKind::kGrpc) {
    network_ = std::make_unique<WireNetwork<GrpcTransport>>(options);
  } else {
    network_ = std::make_unique<WireNetwork<TcpTransport>>(options);
  }
  auto replica = raft::Replica::Start(config,
                                      {.storage = *wal_,
                                       .transport = network_->transport(),
                                       .planner = planner_,
                                       .state_machine = state_machine_,
                                       .snapshots = snapshots_.get()},
                                      std::move(opened->recovered), nullptr);
  CHECK(replica.ok()) << replica.status();
  replica_ = *std::move(replica);
  network_->Serve(*replica_);
}

NetworkedReplica::~NetworkedReplica() {
  replica_->Stop();
  network_->Stop();
}

}  // namespace blixard::rpc
