#include "rpc/daemon/dev_cluster.h"

#include <signal.h>
#include <unistd.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/storage/directory_path.h"
#include "raft/storage/posix_file.h"

namespace blixard::rpc {
namespace {

constexpr size_t kMaxReplicas = 9;
constexpr absl::Duration kStopGrace = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::unique_ptr<DevCluster>> DevCluster::Start(
    const DevClusterOptions& options, std::function<void(const absl::Status&)> on_failure) {
  if (options.replicas < 1 || options.replicas > kMaxReplicas) {
    return absl::InvalidArgumentError(
        absl::StrCat("replicas: want 1 to ", kMaxReplicas, ", got ", options.replicas));
  }
  auto cluster = std::unique_ptr<DevCluster>(new DevCluster());
  cluster->program_ = options.program;
  cluster->data_directory_ = options.data_directory;
  cluster->on_failure_ = std::move(on_failure);
  std::map<raft::ReplicaId, std::string> peers;
  while (cluster->replicas_.size() < options.replicas) {
    const absl::StatusOr<Replica*> replica = cluster->AddReplica();
    if (!replica.ok()) return replica.status();
    peers[(*replica)->options.id] = (*replica)->options.listen;
  }
  for (Replica& replica : cluster->replicas_) {
    replica.options.peers = peers;
    if (absl::Status started = cluster->StartReplica(replica); !started.ok()) return started;
  }
  return cluster;
}

DevCluster::~DevCluster() { Stop(); }

absl::StatusOr<DevCluster::Replica*> DevCluster::AddReplica() {
  absl::StatusOr<ReservedPort> port = ReservedPort::Take();
  if (!port.ok()) return port.status();
  const uint64_t id = replicas_.size() + 1;
  Replica& replica = replicas_.emplace_back();
  replica.options = {.id = raft::ReplicaId{id},
                     .listen = port->address(),
                     .data_directory = absl::StrCat(data_directory_, "/replica-", id),
                     .reuse_port = true};
  replica.port = *std::move(port);
  return &replica;
}

absl::StatusOr<uint64_t> DevCluster::Join() {
  const absl::StatusOr<Replica*> added = AddReplica();
  if (!added.ok()) return added.status();
  ReplicaServerOptions& options = (*added)->options;
  options.join = true;
  options.peers = replicas_.front().options.peers;
  options.peers[options.id] = options.listen;
  if (absl::Status started = StartReplica(**added); !started.ok()) return started;
  return static_cast<uint64_t>(options.id);
}

absl::Status DevCluster::StartReplica(Replica& replica) {
  if (!program_.empty()) return StartProcess(replica);
  absl::StatusOr<std::unique_ptr<ReplicaServer>> server =
      ReplicaServer::Start(replica.options, on_failure_);
  if (!server.ok()) return server.status();
  replica.server = *std::move(server);
  return absl::OkStatus();
}

absl::Status DevCluster::StartProcess(Replica& replica) {
  const ReplicaServerOptions& options = replica.options;
  raft::PosixFileSystem files;
  // Here, because the process's messages go into it. What the process finds it takes to be synced.
  if (absl::Status made = raft::MakeDirectories(files, options.data_directory); !made.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.data_directory, ": want a directory that can be made, got: ", made.message()));
  }
  std::vector<std::string> command = {program_,
                                      "serve",
                                      "--reuse-port",
                                      "--id",
                                      absl::StrCat(static_cast<uint64_t>(options.id)),
                                      "--data-dir",
                                      options.data_directory};
  if (options.join) command.push_back("--join");
  for (const auto& [id, address] : options.peers) {
    command.push_back("--peer");
    command.push_back(absl::StrCat(static_cast<uint64_t>(id), "=", address));
  }
  absl::StatusOr<ChildProcess> process =
      ChildProcess::Start(command, absl::StrCat(options.data_directory, "/log"));
  if (!process.ok()) return process.status();
  replica.process = *std::move(process);
  return absl::OkStatus();
}

std::vector<DevCluster::Member> DevCluster::members() const {
  std::vector<Member> members;
  for (const Replica& replica : replicas_) {
    members.push_back({.id = static_cast<uint64_t>(replica.options.id),
                       .address = replica.options.listen,
                       .data_directory = replica.options.data_directory,
                       .pid = replica.process ? replica.process->pid() : ::getpid()});
  }
  return members;
}

void DevCluster::Signal(uint64_t id, int signal) { replicas_.at(id - 1).process->Signal(signal); }

absl::Status DevCluster::Restart(uint64_t id) {
  Replica& replica = replicas_.at(id - 1);
  if (!replica.process->Wait(kStopGrace).has_value()) {
    return absl::FailedPreconditionError(absl::StrCat("replica ", id, " still runs"));
  }
  return StartProcess(replica);
}

void DevCluster::Stop() {
  for (Replica& replica : replicas_) {
    if (replica.process) replica.process->Signal(SIGTERM);
  }
  for (Replica& replica : replicas_) {
    if (replica.server) replica.server->Stop();
    if (replica.process) replica.process->Wait(kStopGrace);
  }
  replicas_.clear();
}

}  // namespace blixard::rpc
