// A replicated map: raft, embedded. All replicas in this process, or one of several processes.
#include <glog/logging.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "examples/raft_kv/key_value.grpc.pb.h"
#include "examples/raft_kv/key_value.pb.h"
#include "raft/runtime/blocking_calls.h"
#include "raft/runtime/leadership_listener.h"
#include "raft/runtime/local_transport.h"
#include "raft/runtime/replica_on_disk.h"
#include "raft/runtime/string_state_machine.h"
#include "rpc/daemon/termination.h"
#include "rpc/transport/grpc_transport.h"
#include "rpc/transport/tcp_transport.h"

namespace blixard::example {

// What the log drives: every replica has a copy, and changes it in the same way.
class KeyValueMap final : public raft::StringStateMachine {
 public:
  // What stands under `key` now; any thread.
  Reply Read(const std::string& key) const {
    Reply reply;
    const std::lock_guard lock(mutex_);
    if (map_.contains(key)) reply.set_result(map_.at(key));
    return reply;
  }

 private:
  std::string CarryOut(absl::string_view bytes) override {
    Request request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return "";
    const Reply before = Read(request.key());
    const bool as_expected =
        before.has_result() == request.has_expected() && before.result() == request.expected();
    if (request.kind() == Request::WRITE || as_expected) {
      const std::lock_guard lock(mutex_);
      map_[request.key()] = request.value();
    }
    return before.SerializeAsString();
  }

  std::string Save() override {
    Snapshot snapshot;
    for (const auto& [key, value] : map_) {
      Snapshot::Pair& pair = *snapshot.add_pairs();
      pair.set_key(key);
      pair.set_value(value);
    }
    return snapshot.SerializeAsString();
  }

  absl::Status Load(absl::string_view bytes) override {
    Snapshot snapshot;
    if (!snapshot.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      return absl::DataLossError("snapshot: want a map, got other bytes");
    const std::lock_guard lock(mutex_);
    map_.clear();
    for (const Snapshot::Pair& pair : snapshot.pairs()) map_[pair.key()] = pair.value();
    return absl::OkStatus();
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string> map_;  // guarded by mutex_; changed by one thread
};

struct Flags {
  std::string network = "local", directory;
  uint64_t id = 1;
  std::vector<std::string> peers, clients;
};

// A copy of the map, its log on disk, and the service through which clients ask it.
class KeyValueReplica final : public KeyValue::Service, raft::LeadershipListener {
 public:
  ~KeyValueReplica() override {
    if (on_disk_ != nullptr) replica().Stop();  // answers what is open, so that server_ can go
  }

  absl::Status Start(const Flags& flags, uint64_t id, size_t voters, raft::Transport& transport,
                     const std::string& clients) {
    raft::ReplicaConfig config{.cluster = raft::ClusterId{1}, .id = raft::ReplicaId{id}};
    for (uint64_t each = 1; each <= voters; ++each) config.voters.push_back(raft::ReplicaId{each});
    config.snapshot_entries = 200;  // so few that one sees snapshots soon
    config.max_retained_bytes = 1;
    auto started = raft::ReplicaOnDisk::Start(
        config, {.directory = absl::StrCat(flags.directory, "-", id)},
        {.transport = transport, .state_machine = map_, .leadership = this},
        [](const absl::Status& failure) { LOG(FATAL) << "the disk failed: " << failure; });
    if (!started.ok()) return started.status();
    on_disk_ = *std::move(started);
    grpc::ServerBuilder builder;
    builder.RegisterService(this);
    builder.AddListeningPort(clients, grpc::InsecureServerCredentials());
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::UnavailableError("--clients: cannot listen on " + clients);
    LOG(INFO) << "replica " << id << " serves clients on " << clients;
    return absl::OkStatus();
  }

  grpc::Status Ask(grpc::ServerContext*, const Request* request, Reply* reply) override {
    absl::Status status;
    if (request->kind() == Request::READ) {  // by every replica, not only by the leader
      status = raft::AwaitReadable(replica(), kLimit);
      if (status.ok()) *reply = map_.Read(request->key());
    } else {
      const auto outcome = raft::ProposeAndWait(replica(), request->SerializeAsString(), kLimit);
      status = outcome.status();
      if (status.ok()) reply->ParseFromString(*outcome);
    }
    reply->set_why(std::string(status.message()));
    if (!status.ok()) reply->set_end(absl::IsUnknown(status) ? Reply::UNKNOWN : Reply::REFUSED);
    return grpc::Status::OK;
  }

  raft::Replica& replica() { return on_disk_->replica(); }

 private:
  void OnLeadershipChange(const raft::LeadershipEvent& event) override {
    if (event.role == raft::Role::kLeader) LOG(INFO) << "leads term " << event.term;
  }

  static constexpr absl::Duration kLimit = absl::Seconds(2);  // clients wait somewhat longer
  KeyValueMap map_;
  std::unique_ptr<raft::ReplicaOnDisk> on_disk_;
  std::unique_ptr<grpc::Server> server_;
};

// One replica for each address of --clients.
absl::Status ServeAll(const Flags& flags) {
  raft::LocalTransport network;
  std::deque<KeyValueReplica> replicas(flags.clients.size());
  absl::Status status;
  for (size_t i = 0; i < replicas.size() && status.ok(); ++i) {
    status = replicas[i].Start(flags, i + 1, replicas.size(), network, flags.clients[i]);
    if (status.ok()) network.Connect(raft::ReplicaId{i + 1}, replicas[i].replica());
  }
  while (status.ok() && !rpc::AwaitTermination(absl::Hours(1))) continue;
  for (size_t i = 0; i < replicas.size(); ++i) network.Disconnect(raft::ReplicaId{i + 1});
  return status;
}

template <class Network>
absl::Status ServeOne(const Flags& flags) {
  std::map<raft::ReplicaId, std::string> addresses;
  for (const auto& peer : flags.peers) addresses[raft::ReplicaId{addresses.size() + 1}] = peer;
  auto network = Network::Listen(
      {.cluster = raft::ClusterId{1}, .self = raft::ReplicaId{flags.id}, .addresses = addresses});
  if (!network.ok()) return network.status();
  KeyValueReplica replica;
  absl::Status status =
      replica.Start(flags, flags.id, addresses.size(), **network, flags.clients.front());
  if (!status.ok()) return status;
  (*network)->Serve(replica.replica());
  while (!rpc::AwaitTermination(absl::Hours(1))) continue;
  replica.replica().HandOver(absl::Seconds(1));
  (*network)->Stop();  // from now on nothing reaches the replica
  return absl::OkStatus();
}

}  // namespace blixard::example

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  blixard::rpc::HoldTermination();
  blixard::example::Flags flags;
  CLI::App app("A replicated map from text to text, to show how raft is embedded", "raft_kv");
  app.add_option("--network", flags.network, "local: all replicas are here; grpc, tcp: one is")
      ->check(CLI::IsMember({"local", "grpc", "tcp"}));
  app.add_option("--directory", flags.directory, "Replica 1 has DIRECTORY-1")->required();
  app.add_option("--clients", flags.clients, "HOST:PORT of each replica here")->required();
  app.add_option("--id", flags.id, "The replica that is here, if one is");
  app.add_option("--peers", flags.peers, "HOST:PORT of replica 1, replica 2, and so on");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // CLI11 throws also when it was asked for help
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status served = flags.network == "local" ? blixard::example::ServeAll(flags)
                              : flags.network == "tcp"
                                  ? blixard::example::ServeOne<blixard::rpc::TcpTransport>(flags)
                                  : blixard::example::ServeOne<blixard::rpc::GrpcTransport>(flags);
  if (!served.ok()) std::cerr << "raft_kv: " << served.message() << "\n";
  return served.ok() ? 0 : absl::IsInvalidArgument(served) ? 2 : 1;
}
