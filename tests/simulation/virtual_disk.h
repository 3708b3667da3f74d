// The disk of one simulated replica: a file system in memory that remembers how to take back what
// was not synced, and fails on command. Cheap enough for thousands of simulated seconds a second:
// a write costs a copy of the bytes it replaces, a sync costs nothing.
#ifndef BLIXARD_TESTS_SIMULATION_VIRTUAL_DISK_H_
#define BLIXARD_TESTS_SIMULATION_VIRTUAL_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"
#include "raft/storage/file.h"

namespace blixard::raft {

// For one thread. Faults that a machine survives are ordered in calls from now on; 1 is the next,
// 0 never.
class VirtualDisk final : public FileSystem {
 public:
  static constexpr uint64_t kSectorBytes = 512;

  VirtualDisk();
  ~VirtualDisk() override;

  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  absl::Status Rename(const RenamePaths& paths) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override;
  absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(const std::string& path) override;

  // The process ended: files and locks of before are dead, what was written stays in the cache.
  void EndProcess();

  // The machine lost power, and comes back. Of what was not synced a random part is there: for each
  // sector its last unsynced write, an earlier one or none, a random prefix of the changes of
  // names. Disarms every fault except the capacity.
  void Crash(SplitMix& random);

  // The n-th sync from now on fails; its data stay readable and are lost in a crash.
  void FailSync(uint64_t calls) { fail_sync_ = calls; }
  // The machine dies during the n-th change from now on; a write may leave a part of its bytes.
  void DieAt(uint64_t calls) { die_at_ = calls; }
  bool dead() const { return dead_; }
  // A sync failed since the last power failure: the machine has to lose power before its disk can
  // be trusted to hold what it shows.
  bool sync_failed() const { return sync_failed_; }

  // Bytes of all files together; writes beyond fail with kResourceExhausted.
  void set_capacity_bytes(uint64_t bytes) { capacity_bytes_ = bytes; }

  // Harm to what was synced. The path must exist; the offsets lie in the file.
  struct Place {
    std::string path;
    uint64_t offset = 0;
  };
  void FlipBit(const Place& place, uint32_t bit);
  // A write of the sector at `from` went to `to` in the same file.
  void Misdirect(const Place& from, uint64_t to);

  // All files, by name; to choose where to do harm and to look at.
  std::vector<std::string> Paths() const;
  absl::string_view Content(const std::string& path) const;

  uint64_t syncs() const { return syncs_; }
  uint64_t changes() const { return changes_; }

 private:
  struct Inode;
  struct NameChange;
  class OpenFile;
  class HeldLock;
  enum class Fate { kSucceed, kFail };

  Fate NextChange();
  static Fate Count(uint64_t& countdown);
  absl::Status Dead(absl::string_view path) const;
  void ChangeNames(NameChange change);
  bool HasRoom(uint64_t growth) const { return used_bytes_ + growth <= capacity_bytes_; }
  void CountUsedBytes();

  std::map<std::string, std::shared_ptr<Inode>> names_;
  std::map<std::string, std::shared_ptr<Inode>> durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::set<std::string> directories_ = {"/"};
  std::set<std::string> unsynced_directories_;
  std::set<std::string> locked_;

  uint64_t capacity_bytes_ = UINT64_MAX;
  uint64_t used_bytes_ = 0;  // of all files with a name
  uint64_t fail_sync_ = 0;
  uint64_t die_at_ = 0;
  bool dead_ = false;
  bool sync_failed_ = false;
  uint64_t life_ = 1;  // of the process; open files of earlier ones are dead
  uint64_t syncs_ = 0;
  uint64_t changes_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_VIRTUAL_DISK_H_
