#include "raft/runtime/replica_on_disk.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/directory_path.h"

namespace blixard::raft {
namespace {

absl::StatusOr<OpenedWal> OpenLog(FileSystem& files, const ReplicaConfig& config,
                                  const DiskOptions& disk) {
  absl::StatusOr<OpenedWal> log = Wal::Open(files, memory::BufferPool::Default(),
                                            {.directory = absl::StrCat(disk.directory, "/wal"),
                                             .cluster = config.cluster,
                                             .replica = config.id,
                                             .reserve_bytes = disk.reserve_bytes});
  if (!log.ok()) return log;
  LOG(INFO) << "replica " << config.id << " of cluster " << config.cluster << ": "
            << log->recovered.entries.size() << " entries in " << disk.directory;
  if (!log->recovered.note.empty()) LOG(WARNING) << log->recovered.note;
  return log;
}

absl::StatusOr<std::unique_ptr<SnapshotStore>> OpenSnapshots(FileSystem& files,
                                                             const ReplicaConfig& config,
                                                             const DiskOptions& disk) {
  SnapshotStoreOptions options;
  options.directory = absl::StrCat(disk.directory, "/snapshots");
  options.cluster = config.cluster;
  options.writer.reserve_bytes = disk.reserve_bytes / 2;  // the log goes on when snapshots wait
  absl::StatusOr<std::unique_ptr<SnapshotStore>> store =
      SnapshotStore::Open(files, std::move(options));
  if (!store.ok()) return store;
  for (const std::string& damage : (*store)->damage()) LOG(ERROR) << damage;
  return store;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReplicaOnDisk>> ReplicaOnDisk::Start(
    const ReplicaConfig& config, const DiskOptions& disk, const ReplicaOnDiskParts& parts,
    std::function<void(const absl::Status&)> on_failure) {
  if (absl::Status valid = config.Validate(); !valid.ok()) return valid;
  std::unique_ptr<ReplicaOnDisk> made(new ReplicaOnDisk);
  if (absl::Status there = MakeDirectories(made->files_, disk.directory); !there.ok()) return there;
  absl::StatusOr<OpenedWal> log = OpenLog(made->files_, config, disk);
  if (!log.ok()) return log.status();
  made->wal_ = std::move(log->wal);
  auto snapshots = OpenSnapshots(made->files_, config, disk);
  if (!snapshots.ok()) return snapshots.status();
  made->snapshots_ = *std::move(snapshots);
  Planner& planner = parts.planner != nullptr ? *parts.planner : made->pass_through_;
  auto replica = Replica::Start(config,
                                {.storage = *made->wal_,
                                 .transport = parts.transport,
                                 .planner = planner,
                                 .state_machine = parts.state_machine,
                                 .snapshots = made->snapshots_.get(),
                                 .leadership = parts.leadership},
                                std::move(log->recovered), std::move(on_failure));
  if (!replica.ok()) return replica.status();
  made->replica_ = *std::move(replica);
  return made;
}

}  // namespace blixard::raft
