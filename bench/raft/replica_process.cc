// One replica of ours as a process, for measuring: write-ahead log with fsync, gRPC or plain TCP
// between peers, proposals issued inside the leading process. Commands on standard input:
// load_command.h.
#include <glog/logging.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bench/raft/counting_state_machine.h"
#include "bench/raft/load_command.h"
#include "bench/raft/proposal_load.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/transport.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"
#include "rpc/transport/peer_service.h"
#include "rpc/transport/peer_transport.h"
#include "rpc/transport/tcp_transport.h"

namespace blixard::bench {
namespace {

constexpr raft::ClusterId kCluster{1};

// As the peer we are measured beside.
constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr uint32_t kElectionTicks = 10;

struct Options {
  raft::ReplicaId id = raft::kNoReplica;
  std::string directory;
  std::map<raft::ReplicaId, std::string> addresses;
  std::optional<std::chrono::microseconds> spin_limit;  // nothing: as the transport has it
};

raft::ReplicaConfig ConfigOf(const Options& options) {
  raft::ReplicaConfig config;
  config.cluster = kCluster;
  config.id = options.id;
  config.seed = static_cast<uint64_t>(options.id);
  config.tick = kTick;
  config.election_ticks = kElectionTicks;
  for (const auto& [id, address] : options.addresses) config.voters.push_back(id);
  return config;
}

// How a replica reaches its peers and they reach it.
class Network {
 public:
  virtual ~Network() = default;
  virtual raft::Transport& transport() = 0;
  virtual void Serve(raft::Replica& replica) = 0;
  // The replica, which has stopped, is not used any more.
  virtual void Stop() = 0;
};

class GrpcNetwork : public Network {
 public:
  explicit GrpcNetwork(const Options& options)
      : options_(options),
        transport_(std::make_unique<rpc::PeerTransport>(
            kCluster, options.id, options.addresses, [this](raft::ReplicaId peer) {
              raft::Replica* const replica = replica_.load(std::memory_order_acquire);
              if (replica != nullptr) replica->ReportUnreachable(peer);
            })) {}

  raft::Transport& transport() override { return *transport_; }

  void Serve(raft::Replica& replica) override {
    replica_.store(&replica, std::memory_order_release);
    service_ = std::make_unique<rpc::PeerService>(kCluster, options_.id, replica);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options_.addresses.at(options_.id), grpc::InsecureServerCredentials());
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    CHECK(server_ != nullptr) << "cannot listen on " << options_.addresses.at(options_.id);
  }

  void Stop() override {
    server_->Shutdown();
    transport_.reset();
  }

 private:
  const Options options_;
  std::atomic<raft::Replica*> replica_{nullptr};
  std::unique_ptr<rpc::PeerTransport> transport_;
  std::unique_ptr<rpc::PeerService> service_;
  std::unique_ptr<grpc::Server> server_;
};

class TcpNetwork : public Network {
 public:
  explicit TcpNetwork(const Options& options)
      : transport_(rpc::TcpTransport::Listen(TransportOptions(options)).value()) {}

  raft::Transport& transport() override { return *transport_; }
  void Serve(raft::Replica& replica) override { transport_->Serve(replica); }
  void Stop() override { transport_->Stop(); }

 private:
  static rpc::TcpTransportOptions TransportOptions(const Options& options) {
    rpc::TcpTransportOptions transport = {
        .cluster = kCluster, .self = options.id, .addresses = options.addresses};
    if (options.spin_limit.has_value()) transport.spin_limit = *options.spin_limit;
    return transport;
  }

  const std::unique_ptr<rpc::TcpTransport> transport_;
};

class Process {
 public:
  Process(const Options& options, std::unique_ptr<Network> network)
      : options_(options), network_(std::move(network)) {
    absl::StatusOr<raft::OpenedWal> opened = raft::Wal::Open(
        files_, memory::BufferPool::Default(),
        {.directory = options.directory, .cluster = kCluster, .replica = options.id});
    CHECK(opened.ok()) << opened.status();
    wal_ = std::move(opened->wal);
    auto replica = raft::Replica::Start(ConfigOf(options_),
                                        {.storage = *wal_,
                                         .transport = network_->transport(),
                                         .planner = planner_,
                                         .state_machine = state_machine_},
                                        std::move(opened->recovered),
                                        [](const absl::Status& failure) { LOG(FATAL) << failure; });
    CHECK(replica.ok()) << replica.status();
    replica_ = *std::move(replica);
    network_->Serve(*replica_);
  }

  // Until standard input ends.
  void Run() {
    ProposalLoad load(*replica_);
    for (std::string line; std::getline(std::cin, line);) {
      const std::optional<LoadCommand> command = ParseLoadCommand(line);
      CHECK(command.has_value()) << "not a command: " << line;
      const bool leads = replica_->leader() == options_.id;
      std::cout << (leads ? load.Run(*command).value_or(kNotLeading) : kNotLeading) << std::endl;
    }
    replica_->Stop();
    network_->Stop();
  }

 private:
  const Options options_;
  raft::PosixFileSystem files_;
  raft::PassThroughPlanner planner_;
  CountingStateMachine state_machine_;
  std::unique_ptr<raft::Wal> wal_;
  const std::unique_ptr<Network> network_;
  std::unique_ptr<raft::Replica> replica_;
};

std::unique_ptr<Network> MakeNetwork(const std::string& name, Options options) {
  if (name == "grpc") return std::make_unique<GrpcNetwork>(options);
  if (name == "tcp") return std::make_unique<TcpNetwork>(options);
  uint64_t spin_microseconds = 0;
  if (std::sscanf(name.c_str(), "tcp:%lu", &spin_microseconds) != 1) return nullptr;
  options.spin_limit = std::chrono::microseconds(spin_microseconds);
  return std::make_unique<TcpNetwork>(options);
}

}  // namespace
}  // namespace blixard::bench

// Arguments: grpc, tcp or tcp:SPIN_MICROSECONDS; id, directory, the addresses of replicas 1 to n.
int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  blixard::bench::Options options;
  if (argc >= 5) {
    options.id = blixard::raft::ReplicaId{std::strtoull(argv[2], nullptr, 10)};
    options.directory = argv[3];
  }
  for (int i = 4; i < argc; ++i) {
    options.addresses[blixard::raft::ReplicaId{static_cast<uint64_t>(i - 3)}] = argv[i];
  }
  auto network = argc >= 5 ? blixard::bench::MakeNetwork(argv[1], options) : nullptr;
  if (network == nullptr) {
    std::cerr << "usage: replica_process grpc|tcp|tcp:SPIN_MICROSECONDS ID DIRECTORY ADDRESS...\n";
    return 2;
  }
  blixard::bench::Process(options, std::move(network)).Run();
  return 0;
}
