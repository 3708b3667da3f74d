#include "raft/storage/posix_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace blixard::raft {
namespace {

// Out of descriptors or of memory is not what kResourceExhausted says here: room on the disk would
// not help.
absl::Status SystemError(int error, absl::string_view path, absl::string_view operation) {
  absl::Status status = absl::ErrnoToStatus(error, absl::StrCat(path, ": ", operation));
  if (!absl::IsResourceExhausted(status) || error == ENOSPC || error == EDQUOT) return status;
  return absl::InternalError(status.message());
}

// Owns one descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);  // nothing to learn from its result: what matters was synced
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::StatusOr<Descriptor> OpenDescriptor(const std::string& path, int flags) {
  constexpr mode_t kFileMode = 0640;
  int fd;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return SystemError(errno, path, "open");
  return Descriptor(fd);
}

absl::Status WriteAll(int fd, uint64_t offset, absl::string_view bytes, absl::string_view path) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put >= 0) {
      bytes.remove_prefix(static_cast<size_t>(put));
      offset += static_cast<uint64_t>(put);
    } else if (errno != EINTR) {
      return SystemError(errno, path, "write");
    }
  }
  return absl::OkStatus();
}

bool IsDirect(uint64_t offset, absl::string_view bytes) {
  const auto address = reinterpret_cast<uintptr_t>(bytes.data());
  return (address | offset | bytes.size()) % kDirectBytes == 0;
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = pread(fd_.get(), into.data() + done, into.size() - done,
                                static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got > 0) {
        done += static_cast<size_t>(got);
      } else if (errno != EINTR) {
        return SystemError(errno, path_, "read");
      }
    }
    return done;
  }

  absl::Status Write(uint64_t offset, absl::string_view bytes) override {
    return WriteAll(fd_.get(), offset, bytes, path_);
  }

  // Past the page cache and synced by the device's own write (O_DSYNC): one system call and one
  // request in place of two.
  absl::Status WriteSynced(uint64_t offset, absl::string_view bytes) override {
    if (!IsDirect(offset, bytes) || !OpenDirect()) return File::WriteSynced(offset, bytes);
    return WriteAll(direct_->get(), offset, bytes, path_);
  }

  // Not repeated on EINTR: a sync that did not succeed is never asked again.
  absl::Status SyncData() override {
    if (fdatasync(fd_.get()) != 0) return SystemError(errno, path_, "fdatasync");
    return absl::OkStatus();
  }

  absl::Status Allocate(uint64_t size_bytes) override {
    int error;
    do {
      error = posix_fallocate(fd_.get(), 0, static_cast<off_t>(size_bytes));
    } while (error == EINTR);
    if (error != 0) return SystemError(error, path_, "allocate");
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Size() override {
    struct stat facts;
    if (fstat(fd_.get(), &facts) != 0) return SystemError(errno, path_, "stat");
    return static_cast<uint64_t>(facts.st_size);
  }

  absl::Status Truncate(uint64_t size_bytes) override {
    int result;
    do {
      result = ftruncate(fd_.get(), static_cast<off_t>(size_bytes));
    } while (result != 0 && errno == EINTR);
    if (result != 0) return SystemError(errno, path_, "truncate");
    return absl::OkStatus();
  }

 private:
  // Through /proc, so that it is this file whatever it is called by now. Some file systems cannot
  // (tmpfs before Linux 6.6): then every write is an ordinary one.
  bool OpenDirect() {
    if (!direct_tried_) {
      direct_tried_ = true;
      const std::string self = absl::StrCat("/proc/self/fd/", fd_.get());
      absl::StatusOr<Descriptor> fd = OpenDescriptor(self, O_WRONLY | O_DIRECT | O_DSYNC);
      if (fd.ok()) direct_.emplace(*std::move(fd));
    }
    return direct_.has_value();
  }

  const Descriptor fd_;
  const std::string path_;
  bool direct_tried_ = false;
  std::optional<Descriptor> direct_;
};

// The kernel lets go of the lock with the descriptor.
class PosixDirectoryLock final : public DirectoryLock {
 public:
  explicit PosixDirectoryLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  const Descriptor fd_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<File>> PosixFileSystem::Open(const std::string& path,
                                                            OpenMode mode) {
  const int access = mode == OpenMode::kReadOnly ? O_RDONLY : O_RDWR;
  const int create = mode == OpenMode::kCreate ? O_CREAT | O_TRUNC : 0;
  absl::StatusOr<Descriptor> fd = OpenDescriptor(path, access | create);
  if (!fd.ok()) return fd.status();
  return std::make_unique<PosixFile>(*std::move(fd), path);
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List(const std::string& directory) {
  DIR* stream = opendir(directory.c_str());
  if (stream == nullptr) return SystemError(errno, directory, "open directory");
  const absl::Cleanup close_stream = [stream] { closedir(stream); };
  std::vector<std::string> names;
  errno = 0;  // the only way to tell the end from an error
  while (const dirent* found = readdir(stream)) {
    const absl::string_view name = found->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return SystemError(errno, directory, "read directory");
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PosixFileSystem::Rename(const RenamePaths& paths) {
  if (rename(paths.from.c_str(), paths.to.c_str()) == 0) return absl::OkStatus();
  return SystemError(errno, paths.from, absl::StrCat("rename to ", paths.to));
}

absl::Status PosixFileSystem::Remove(const std::string& path) {
  if (unlink(path.c_str()) != 0) return SystemError(errno, path, "remove");
  return absl::OkStatus();
}

absl::Status PosixFileSystem::MakeDirectory(const std::string& path) {
  constexpr mode_t kDirectoryMode = 0750;
  if (mkdir(path.c_str(), kDirectoryMode) == 0) return absl::OkStatus();
  const int error = errno;
  struct stat facts;
  if (error == EEXIST && stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
    return absl::OkStatus();
  }
  return SystemError(error, path, "make directory");
}

absl::Status PosixFileSystem::SyncDirectory(const std::string& path) {
  absl::StatusOr<Descriptor> fd = OpenDescriptor(path, O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return fd.status();
  if (fsync(fd->get()) != 0) return SystemError(errno, path, "fsync of directory");
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> PosixFileSystem::FreeBytes(const std::string& directory) {
  struct statvfs facts;
  if (statvfs(directory.c_str(), &facts) != 0) return SystemError(errno, directory, "statvfs");
  return uint64_t{facts.f_bavail} * facts.f_frsize;
}

absl::StatusOr<std::unique_ptr<DirectoryLock>> PosixFileSystem::LockDirectory(
    const std::string& path) {
  const std::string lock_path = absl::StrCat(path, "/LOCK");
  absl::StatusOr<Descriptor> fd = OpenDescriptor(lock_path, O_RDWR | O_CREAT);
  if (!fd.ok()) return fd.status();
  if (flock(fd->get(), LOCK_EX | LOCK_NB) == 0) {
    return std::make_unique<PosixDirectoryLock>(*std::move(fd));
  }
  if (errno != EWOULDBLOCK) return SystemError(errno, lock_path, "flock");
  return absl::UnavailableError(
      absl::StrCat(path, ": another process holds this directory (", lock_path, " is locked)"));
}

}  // namespace blixard::raft
