// The snapshots of one replica: a directory of files (snapshot_format.h), of which the two newest
// are kept. A new one is written beside them and takes its name when it is whole and synced, so a
// crash at any moment leaves the old ones, or the old ones and the new one.
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_STORE_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/snapshot_reader.h"
#include "raft/storage/snapshot_writer.h"

namespace blixard::raft {

struct SnapshotStoreOptions {
  std::string directory;  // of these snapshots alone; its parent exists
  ClusterId cluster{0};   // written into every snapshot and checked
  SnapshotWriterOptions writer{};

  // kInvalidArgument naming the field, what it should be and what it is.
  absl::Status Validate() const;
};

// Thread-safe; writers and readers are each for one thread at a time. After an error of the disk
// other than kResourceExhausted every change gives that error: the owner stops.
class SnapshotStore {
 public:
  static constexpr size_t kKept = 2;
  static constexpr size_t kKeptDamaged = 2;

  // Makes and locks the directory, removes what was never finished, and reads the newest snapshot
  // through. One that is damaged is set aside under a name of its own (see damage()) and the next
  // one takes its place. Errors: kFailedPrecondition for snapshots of another cluster,
  // kUnimplemented for those of another format version, kUnavailable while another process holds
  // the directory, kInvalidArgument for options, and the disk's.
  static absl::StatusOr<std::unique_ptr<SnapshotStore>> Open(FileSystem& files,
                                                             SnapshotStoreOptions options);

  // A sentence for each snapshot that was set aside: which, what is wrong where, and what the log
  // has to hold now. The owner tells people.
  std::vector<std::string> damage() const;

  std::optional<SnapshotMeta> newest() const;

  struct Stretch {
    LogIndex after;
    LogIndex through;
  };
  // The newest whose last entry is one of these.
  std::optional<SnapshotMeta> NewestOf(const Stretch& entries) const;

  // The one that takes over if the newest turns out damaged: for that, the log must go on from its
  // last entry. The owner compacts no further.
  std::optional<EntryId> fallback() const;

  // Several may be written at once, each to its own file. kInvalidArgument for a configuration that
  // no group may have.
  absl::StatusOr<std::unique_ptr<SnapshotWriter>> Create(const SnapshotMeta& meta);

  // kNotFound when there is none of that entry.
  absl::StatusOr<std::unique_ptr<SnapshotReader>> Open(const EntryId& last) const;

  absl::Status status() const;

 private:
  SnapshotStore(FileSystem& files, SnapshotStoreOptions options,
                std::unique_ptr<DirectoryLock> lock);

  absl::Status Recover();
  absl::Status SweepNames(const std::vector<std::string>& names);
  absl::Status CheckAll();
  absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenFile(const EntryId& last) const;
  absl::Status SetAside(size_t place, const absl::Status& reason);
  absl::Status Adopt(const std::string& path, const SnapshotMeta& meta);
  absl::Status Insert(const std::string& path, const SnapshotMeta& meta);
  absl::Status Prune();
  void Abandon(const std::string& path, const absl::Status& failure);
  absl::Status Keep(absl::Status status);
  std::string PathOf(const std::string& name) const;

  FileSystem& files_;
  const SnapshotStoreOptions options_;
  const std::unique_ptr<DirectoryLock> lock_;

  mutable std::mutex mutex_;
  std::vector<std::string> damage_;  // guarded by mutex_
  std::vector<SnapshotMeta> kept_;   // newest first; guarded by mutex_
  uint64_t files_made_ = 0;          // guarded by mutex_
  absl::Status status_;              // guarded by mutex_
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_STORE_H_
