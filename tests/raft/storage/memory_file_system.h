// A disk in memory that fails the ways disks fail, for tests and simulations.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_MEMORY_FILE_SYSTEM_H_
#define BLIXARD_TESTS_RAFT_STORAGE_MEMORY_FILE_SYSTEM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"
#include "raft/storage/file.h"
#include "tests/raft/storage/memory_inode.h"

namespace blixard::raft {

// Knows of every file what is on the medium and what only the cache holds, and of every directory
// which changes of names, and whether its own name, were not synced yet. Thread-safe. Faults that
// are ordered in calls count from now on: 1 is the next, 0 never.
class MemoryFileSystem final : public FileSystem {
 public:
  static constexpr uint64_t kSectorBytes = raft::kSectorBytes;

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
  // part of it does (see MemoryInode) and a random prefix of the unsynced name changes; an
  // unsynced directory never does. Open files and locks of before are dead: every use of such a
  // file fails. Disarms all faults except the capacity.
  void Crash(SplitMix* survivors = nullptr);

  // The process ended: files and locks of before are dead, what was written stays in the cache.
  // With `forgotten`, a random part of what a failed sync left there does not.
  void EndProcess(SplitMix* forgotten = nullptr);

  // The disk is replaced by an empty one; everything else as in Crash.
  void Replace();

  // The `calls`-th write or sync, and only that, fails. A failed write leaves the first half of
  // its bytes. A failed sync leaves its data in the cache but will never write it, as Linux does.
  void FailWrite(uint64_t calls);
  void FailSync(uint64_t calls);

  // The machine dies during the `calls`-th change to the disk: that one (if a write, its first half
  // is in the cache) and everything after it fails until Crash.
  void DieAt(uint64_t calls);
  bool dead() const;

  // Bytes of all files together; beyond it writes and Allocate give kResourceExhausted. A write
  // leaves what there is room for.
  void set_capacity_bytes(uint64_t bytes);
  uint64_t used_bytes() const;

  uint64_t syncs() const;
  uint64_t writes() const;
  uint64_t failures() const;  // writes and syncs that failed as ordered
  uint64_t failed_writes() const;

  // What a reader would see, bypassing open files; for damaging it. Both sides change.
  std::string Content(const std::string& path) const;
  void SetContent(const std::string& path, absl::string_view content);
  std::vector<std::string> Paths() const;

  // Harm to what stands in the file that `path` names: see MemoryInode.
  void FlipBit(const std::string& path, uint64_t offset, uint32_t bit);
  void Misdirect(const std::string& path, uint64_t from, uint64_t to);

 private:
  struct NameChange;
  class MemoryFile;
  class MemoryLock;

  enum class Fate { kSucceed, kFail };
  Fate NextChange();
  static Fate Count(uint64_t& countdown);
  absl::Status Dead(absl::string_view path) const;
  void ChangeNames(NameChange change);
  void CountUsedBytes();
  bool HasRoom(const MemoryInode& inode, uint64_t size) const;
  uint64_t LargestSize(const MemoryInode& inode) const;
  void ForgetUnsyncedDirectories();
  void Restart();
  std::vector<std::shared_ptr<MemoryInode>> Inodes() const;

  mutable std::mutex mutex_;  // guards everything below, and the content of every inode
  std::map<std::string, std::shared_ptr<MemoryInode>> names_;
  std::map<std::string, std::shared_ptr<MemoryInode>> durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::set<std::string> directories_ = {"/"};
  std::set<std::string> unsynced_directories_;
  std::set<std::string> locked_;
  uint64_t life_ = 0;  // of the process: crashes and ends so far
  bool dead_ = false;
  uint64_t fail_write_ = 0;
  uint64_t fail_sync_ = 0;
  uint64_t die_at_ = 0;
  uint64_t capacity_bytes_ = UINT64_MAX;
  uint64_t used_bytes_ = 0;  // of all files with a name
  uint64_t syncs_ = 0;
  uint64_t writes_ = 0;
  uint64_t failed_writes_ = 0;
  uint64_t failed_syncs_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_MEMORY_FILE_SYSTEM_H_
