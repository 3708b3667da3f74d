#include "examples/raft_kv/key_value_replica.h"

#include <glog/logging.h>

#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/blocking_calls.h"
#include "raft/storage/directory_path.h"

namespace blixard::example {

absl::StatusOr<std::unique_ptr<KeyValueReplica>> KeyValueReplica::Start(
    const raft::ReplicaConfig& config, const std::string& directory, raft::Transport& transport,
    raft::LeadershipListener* leadership) {
  std::unique_ptr<KeyValueReplica> made(new KeyValueReplica);
  if (auto there = raft::MakeDirectories(made->files_, directory); !there.ok()) return there;
  auto log = raft::Wal::Open(
      made->files_, memory::BufferPool::Default(),
      {.directory = directory + "/wal", .cluster = config.cluster, .replica = config.id});
  if (!log.ok()) return log.status();
  made->wal_ = std::move(log->wal);
  auto snapshots = raft::SnapshotStore::Open(
      made->files_, {.directory = directory + "/snapshots", .cluster = config.cluster});
  if (!snapshots.ok()) return snapshots.status();
  made->snapshots_ = *std::move(snapshots);
  // A disk that failed must not be trusted again in this life.
  const auto end_process = [](const absl::Status& failure) { LOG(FATAL) << failure; };
  auto replica = raft::Replica::Start(config,
                                      {.storage = *made->wal_,
                                       .transport = transport,
                                       .planner = made->planner_,
                                       .state_machine = made->map_,
                                       .snapshots = made->snapshots_.get(),
                                       .leadership = leadership},
                                      std::move(log->recovered), end_process);
  if (!replica.ok()) return replica.status();
  made->replica_ = *std::move(replica);
  return made;
}

Reply KeyValueReplica::Ask(const Request& request) {
  absl::Status status;
  Reply reply;
  if (request.kind() == Request::READ) {  // served by every replica, not only by the leader
    status = raft::AwaitReadable(*replica_);
    if (status.ok()) return map_.Read(request.key());
  } else {
    const auto outcome = raft::ProposeAndWait(*replica_, request.SerializeAsString());
    status = outcome.status();
    if (status.ok() && reply.ParseFromString(*outcome)) return reply;
  }
  reply.set_end(absl::IsUnknown(status) ? Reply::UNKNOWN : Reply::REFUSED);
  return reply;
}

}  // namespace blixard::example
