// Directories whose names survive a power failure.
#ifndef BLIXARD_RAFT_STORAGE_DIRECTORY_PATH_H_
#define BLIXARD_RAFT_STORAGE_DIRECTORY_PATH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/storage/file.h"

namespace blixard::raft {

// The directory that holds the name of this one: "." for one without a slash, "/" for "/". Slashes
// at the end do not count.
std::string ParentOf(absl::string_view directory);

// Makes the directory and those above it that are not there, and syncs whatever got a new name: the
// logs and snapshots in it are worth nothing if its own name can vanish. Errors are the disk's; a
// parent of a directory that stood already need not be readable.
absl::Status MakeDirectories(FileSystem& files, const std::string& directory);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_DIRECTORY_PATH_H_
