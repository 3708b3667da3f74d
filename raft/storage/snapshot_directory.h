// A directory of snapshots as it stands, for those who keep it and for those who only look.
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_DIRECTORY_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_DIRECTORY_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/snapshot_reader.h"

namespace blixard::raft {

// Nothing here takes the directory's lock or changes anything. `files` is not owned.
struct SnapshotDirectory {
  FileSystem& files;
  std::string path;
  ClusterId cluster{0};  // whose snapshots they have to be
};

// The last entries of the snapshots among the names of a directory; newest first, that is by index,
// then term.
std::vector<EntryId> SnapshotsAmong(const std::vector<std::string>& names);

// kDataLoss for a file that is damaged or not what its name says, kFailedPrecondition for one of
// another cluster, kUnimplemented for one of another format version, all naming the file; and the
// disk's, kNotFound when there is none.
absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenSnapshot(const SnapshotDirectory& directory,
                                                             EntryId last);

// The newest that is whole, every byte of it read: the one that SnapshotStore::Open would take. No
// value when there is none. kNotFound when there is no such directory; else as OpenSnapshot.
absl::StatusOr<std::optional<SnapshotMeta>> NewestWholeSnapshot(const SnapshotDirectory& directory);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_DIRECTORY_H_
