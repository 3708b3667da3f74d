// The real disk: files of the operating system.
#ifndef BLIXARD_RAFT_STORAGE_POSIX_FILE_H_
#define BLIXARD_RAFT_STORAGE_POSIX_FILE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/storage/file.h"

namespace blixard::raft {

// Stateless and thread-safe. Files and locks it hands out may outlive it. Names are made with mode
// 0640, directories with 0750; descriptors do not survive exec.
class PosixFileSystem final : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  absl::Status Rename(const RenamePaths& paths) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override;
  absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(const std::string& path) override;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_POSIX_FILE_H_
