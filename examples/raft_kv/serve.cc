#include "examples/raft_kv/serve.h"

#include <glog/logging.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "examples/raft_kv/key_value.grpc.pb.h"
#include "examples/raft_kv/key_value_replica.h"
#include "raft/runtime/leadership_listener.h"
#include "raft/runtime/replica.h"
#include "rpc/transport/peer_service.h"
#include "rpc/transport/peer_transport.h"
#include "rpc/transport/tcp_transport.h"

namespace blixard::example {
namespace {

constexpr raft::ClusterId kCluster{1};
constexpr auto kShutdownGrace = std::chrono::milliseconds(200);

class KeyValueService final : public KeyValue::Service {
 public:
  explicit KeyValueService(KeyValueReplica& replica) : replica_(replica) {}
  grpc::Status Ask(grpc::ServerContext*, const Request* request, Reply* reply) override {
    *reply = replica_.Ask(*request);
    return grpc::Status::OK;
  }

 private:
  KeyValueReplica& replica_;
};

class LeadershipLog final : public raft::LeadershipListener {
  void OnLeadershipChange(const raft::LeadershipEvent& event) override {
    if (event.role == raft::Role::kLeader) LOG(INFO) << "leads term " << event.term;
  }
};

// From here on these signals wait for Await instead of killing the process.
class Termination {
 public:
  Termination() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void Await() {
    int signal;
    sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_;
};

// A replica and the network it speaks on, in the order in which they depend on each other.
class Server {
 public:
  explicit Server(const ServeOptions& options) : options_(options) {}
  ~Server() { Stop(); }

  absl::Status Start() {
    if (absl::Status made = MakeTransport(); !made.ok()) return made;
    raft::ReplicaConfig config{.cluster = kCluster,
                               .id = options_.id,
                               .seed = std::random_device()(),
                               .snapshot_entries = options_.snapshot_entries,
                               .max_retained_bytes = options_.max_retained_bytes};
    for (const auto& [id, address] : options_.peers) config.voters.push_back(id);
    auto started = KeyValueReplica::Start(config, options_.directory, *transport_, &leadership_);
    if (!started.ok()) return started.status();
    replica_ = *std::move(started);
    running_.store(&replica_->replica());
    if (tcp_ != nullptr) tcp_->Serve(replica_->replica());
    return Listen();
  }

  void Stop() {
    if (replica_ == nullptr) return;
    replica_->replica().HandOver(absl::Seconds(1));
    replica_->replica().Stop();  // answers every call that is open
    // Streams of peers do not end by themselves.
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
    server_.reset();
    if (tcp_ != nullptr) tcp_->Stop();
    transport_.reset();  // its callbacks use the replica
    replica_.reset();
  }

 private:
  absl::Status MakeTransport() {
    if (options_.network == PeerNetwork::kTcp) {
      auto listening = rpc::TcpTransport::Listen(
          {.cluster = kCluster, .self = options_.id, .addresses = options_.peers});
      if (!listening.ok()) return listening.status();
      tcp_ = listening->get();
      transport_ = *std::move(listening);
      return absl::OkStatus();
    }
    transport_ = std::make_unique<rpc::PeerTransport>(
        kCluster, options_.id, options_.peers, [this](raft::ReplicaId peer) {
          if (raft::Replica* const running = running_.load()) running->ReportUnreachable(peer);
        });
    return absl::OkStatus();
  }

  absl::Status Listen() {
    grpc::ServerBuilder builder;
    key_values_ = std::make_unique<KeyValueService>(*replica_);
    builder.RegisterService(key_values_.get());
    builder.AddListeningPort(options_.clients, grpc::InsecureServerCredentials());
    if (options_.network == PeerNetwork::kGrpc) {
      peers_ = std::make_unique<rpc::PeerService>(kCluster, options_.id, replica_->replica());
      builder.RegisterService(peers_.get());
      builder.AddListeningPort(options_.peers.at(options_.id), grpc::InsecureServerCredentials());
    }
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    server_ = builder.BuildAndStart();
    if (server_ != nullptr) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat("clients and peers: want addresses of this machine with free ports, got ",
                     options_.clients, " and ", options_.peers.at(options_.id)));
  }

  const ServeOptions options_;
  LeadershipLog leadership_;
  std::atomic<raft::Replica*> running_{nullptr};
  std::unique_ptr<raft::Transport> transport_;
  rpc::TcpTransport* tcp_ = nullptr;  // transport_, if it is one
  std::unique_ptr<KeyValueReplica> replica_;
  std::unique_ptr<KeyValueService> key_values_;
  std::unique_ptr<rpc::PeerService> peers_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::Status Serve(const ServeOptions& options) {
  if (options.peers.count(options.id) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--peers: want an address for replica ", static_cast<uint64_t>(options.id)));
  }
  Termination termination;
  Server server(options);
  if (absl::Status started = server.Start(); !started.ok()) return started;
  LOG(INFO) << "replica " << options.id << " serves clients on " << options.clients;
  termination.Await();
  return absl::OkStatus();
}

}  // namespace blixard::example
