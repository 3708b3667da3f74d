// One replica of ours as a process, for measuring: write-ahead log with fsync, gRPC between peers,
// proposals issued inside the leading process. Commands on standard input: load_command.h.
#include <glog/logging.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bench/raft/counting_state_machine.h"
#include "bench/raft/load_command.h"
#include "bench/raft/proposal_load.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"
#include "rpc/transport/peer_service.h"
#include "rpc/transport/peer_transport.h"

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

class Process {
 public:
  explicit Process(const Options& options) : options_(options) {
    absl::StatusOr<raft::OpenedWal> opened = raft::Wal::Open(
        files_, memory::BufferPool::Default(),
        {.directory = options.directory, .cluster = kCluster, .replica = options.id});
    CHECK(opened.ok()) << opened.status();
    wal_ = std::move(opened->wal);
    transport_ = std::make_unique<rpc::PeerTransport>(
        kCluster, options.id, options.addresses, [this](raft::ReplicaId peer) {
          raft::Replica* const running = running_.load(std::memory_order_acquire);
          if (running != nullptr) running->ReportUnreachable(peer);
        });
    StartReplica(std::move(opened->recovered));
    Serve();
  }

  ~Process() {
    replica_->Stop();
    server_->Shutdown();
    transport_.reset();  // its callbacks use the replica
  }

  // Until standard input ends.
  void Run() {
    ProposalLoad load(*replica_);
    for (std::string line; std::getline(std::cin, line);) {
      const std::optional<LoadCommand> command = ParseLoadCommand(line);
      CHECK(command.has_value()) << "not a command: " << line;
      std::cout << (IsLeader() ? load.Run(*command).value_or(kNotLeading) : kNotLeading)
                << std::endl;
    }
    replica_->Stop();
  }

 private:
  bool IsLeader() const { return replica_->leader() == options_.id; }

  void StartReplica(raft::RecoveredLog recovered) {
    auto replica = raft::Replica::Start(ConfigOf(options_),
                                        {.storage = *wal_,
                                         .transport = *transport_,
                                         .planner = planner_,
                                         .state_machine = state_machine_},
                                        std::move(recovered),
                                        [](const absl::Status& failure) { LOG(FATAL) << failure; });
    CHECK(replica.ok()) << replica.status();
    replica_ = *std::move(replica);
    running_.store(replica_.get(), std::memory_order_release);
  }

  void Serve() {
    service_ = std::make_unique<rpc::PeerService>(kCluster, options_.id, *replica_);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options_.addresses.at(options_.id), grpc::InsecureServerCredentials());
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    CHECK(server_ != nullptr) << "cannot listen on " << options_.addresses.at(options_.id);
  }

  const Options options_;
  raft::PosixFileSystem files_;
  raft::PassThroughPlanner planner_;
  CountingStateMachine state_machine_;
  std::unique_ptr<raft::Wal> wal_;
  std::unique_ptr<rpc::PeerTransport> transport_;
  std::atomic<raft::Replica*> running_{nullptr};
  std::unique_ptr<raft::Replica> replica_;
  std::unique_ptr<rpc::PeerService> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace
}  // namespace blixard::bench

// Arguments: id, directory, the addresses of replicas 1 to n.
int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  if (argc < 4) {
    std::cerr << "usage: replica_process ID DIRECTORY ADDRESS...\n";
    return 2;
  }
  blixard::bench::Options options;
  options.id = blixard::raft::ReplicaId{std::strtoull(argv[1], nullptr, 10)};
  options.directory = argv[2];
  for (int i = 3; i < argc; ++i) {
    options.addresses[blixard::raft::ReplicaId{static_cast<uint64_t>(i - 2)}] = argv[i];
  }
  blixard::bench::Process process(options);
  process.Run();
  return 0;
}
