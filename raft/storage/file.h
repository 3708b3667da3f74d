// All that raft/storage asks of a disk. A simulator implements the same few calls to tear writes,
// lose what was not synced, corrupt sectors, fill the disk and fail fsync.
#ifndef BLIXARD_RAFT_STORAGE_FILE_H_
#define BLIXARD_RAFT_STORAGE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace blixard::raft {

// What direct transfers between memory and disk are multiples of.
inline constexpr uint64_t kDirectBytes = 4096;

// One open file; closed by the destructor, which syncs nothing. Used by one thread at a time; two
// files may be used by two threads. Every error names the path, the operation and the system's
// reason; a full disk, or a quota that is used up, is kResourceExhausted, and nothing else is.
class File {
 public:
  virtual ~File() = default;

  // Fills `into` with the bytes from `offset` on; returns how many, fewer only at the end of file.
  virtual absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) = 0;

  // Writes all of `bytes` at `offset` or fails; after a failure any part of them may be there. A
  // gap between the old end of file and `offset` reads as zeros.
  virtual absl::Status Write(uint64_t offset, absl::string_view bytes) = 0;

  // On success every earlier write of this file survives a power failure. After a failure the
  // unsynced writes may be lost although they still read back, and a second call may then claim
  // success: never retry, stop.
  virtual absl::Status SyncData() = 0;

  // Write and SyncData as one step, with the promises and errors of both. Cheaper than the two
  // where memory, offset and size are multiples of kDirectBytes and the range was written before:
  // then nothing but these bytes has to reach the disk.
  virtual absl::Status WriteSynced(uint64_t offset, absl::string_view bytes) {
    absl::Status status = Write(offset, bytes);
    return status.ok() ? SyncData() : status;
  }

  // Reserves room for the first `size_bytes`, where the file system can, so that a full disk shows
  // now. The size of the file becomes at least `size_bytes`; new bytes read as zeros.
  virtual absl::Status Allocate(uint64_t size_bytes) = 0;

  virtual absl::StatusOr<uint64_t> Size() = 0;

  // Cuts the file to `size_bytes`, or extends it with zeros.
  virtual absl::Status Truncate(uint64_t size_bytes) = 0;
};

// Held by its owner until destroyed, or until the process ends in any way.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class OpenMode : uint8_t {
  kReadOnly,  // kNotFound when there is no such file; every change of it fails
  kExisting,  // for reading and writing; kNotFound when there is no such file
  kCreate,    // creates the file, or empties the one that is there
};

struct RenamePaths {
  std::string from;
  std::string to;  // replaced when it exists
};

// Thread-safe. What creates, renames or removes a name is durable only after SyncDirectory.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;

  // Names (not paths) of what the directory holds, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;

  virtual absl::Status Rename(const RenamePaths& paths) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;

  // One level; a directory that stands already is fine.
  virtual absl::Status MakeDirectory(const std::string& path) = 0;

  virtual absl::Status SyncDirectory(const std::string& path) = 0;

  // Bytes that files in this directory may still grow by, before the disk is full.
  virtual absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) = 0;

  // Excludes every other holder, in this process and in others, through a file named LOCK inside.
  // kUnavailable, naming the directory, while somebody else holds it.
  virtual absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(const std::string& path) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_FILE_H_
