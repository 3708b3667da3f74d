// A disk in memory that fails the ways disks fail, for tests.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_MEMORY_FILE_SYSTEM_H_
#define BLIXARD_TESTS_RAFT_STORAGE_MEMORY_FILE_SYSTEM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/storage/file.h"

namespace blixard::raft {

// Remembers for every file what is on the medium and what only the cache holds, and for every
// directory which changes of names, and whether its own name, were not synced yet. Thread-safe.
class MemoryFileSystem final : public FileSystem {
 public:
  static constexpr uint64_t kSectorBytes = 512;

  MemoryFileSystem();
  ~MemoryFileSystem() override;

  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  absl::Status Rename(const RenamePaths& paths) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override;
  absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(const std::string& path) override;

  // The machine loses power. Nothing that was not synced survives; with `survivors`, a random
  // subset of the unsynced sectors and a random prefix of the unsynced name changes does; an
  // unsynced directory never does. Open files and locks of before are dead: every use of such a
  // file fails. Disarms all faults.
  void Crash(std::mt19937_64* survivors = nullptr);

  // The `calls`-th write or sync from now on, and only that, fails; 1 is the next. A failed write
  // leaves the first half of its bytes. A failed sync leaves its data in the cache but will never
  // write it, as Linux does.
  void FailWrite(uint64_t calls);
  void FailSync(uint64_t calls);

  // The machine dies during the `calls`-th change to the disk from now on: that one (if a write,
  // its first half is in the cache) and everything after it fails until Crash.
  void DieAt(uint64_t calls);

  // Bytes of all files together; beyond it writes and Allocate give kResourceExhausted.
  void set_capacity_bytes(uint64_t bytes);

  uint64_t syncs() const;
  uint64_t writes() const;

  // What a reader would see, bypassing open files; for damaging it. Both sides change.
  std::string Content(const std::string& path) const;
  void SetContent(const std::string& path, absl::string_view content);

 private:
  struct Inode;
  struct NameChange;
  class MemoryFile;
  class MemoryLock;

  enum class Fate { kSucceed, kFail };
  Fate NextChange();
  Fate Count(uint64_t& countdown);
  absl::Status Dead(absl::string_view path) const;
  void ChangeNames(NameChange change);
  uint64_t UsedBytes() const;
  bool HasRoom(const Inode& inode, uint64_t size) const;

  mutable std::mutex mutex_;  // guards everything below, and the content of every inode
  std::map<std::string, std::shared_ptr<Inode>> names_;
  std::map<std::string, std::shared_ptr<Inode>> durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::set<std::string> directories_ = {"/"};
  std::set<std::string> unsynced_directories_;
  std::set<std::string> locked_;
  uint64_t life_ = 0;  // crashes so far
  bool dead_ = false;
  uint64_t fail_write_ = 0;
  uint64_t fail_sync_ = 0;
  uint64_t die_at_ = 0;
  uint64_t capacity_bytes_ = UINT64_MAX;
  uint64_t syncs_ = 0;
  uint64_t writes_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_MEMORY_FILE_SYSTEM_H_
