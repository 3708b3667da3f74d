// One file of a MemoryFileSystem: what reads see, and how to take back what is not on the medium.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_MEMORY_INODE_H_
#define BLIXARD_TESTS_RAFT_STORAGE_MEMORY_INODE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"

namespace blixard::raft {

// The medium takes whole sectors.
inline constexpr uint64_t kSectorBytes = 512;

// A change costs a copy of the sectors it replaces, a sync costs nothing: simulations write far
// more often than they crash. For one thread at a time.
class MemoryInode {
 public:
  const std::string& data() const { return data_; }
  uint64_t size() const { return data_.size(); }

  void Put(uint64_t offset, absl::string_view bytes);
  void Resize(uint64_t size);

  // Everything that was changed is on the medium.
  void Sync() {
    if (!unwritten_.empty()) ForgetUnwritten();
    undo_.clear();
  }

  // As Linux does: what was changed still reads back, but counts as written, so that no later sync
  // writes it.
  void FailSync();

  // Some of what a failed sync left behind is read from the medium again.
  void DropCache(SplitMix& random);

  // Of every sector the last unsynced change is on the medium, an earlier one or none; sometimes
  // with a wrong bit among those that were to change. Without `random`: none.
  void LosePower(SplitMix* random);

  // The bytes are on the medium as well.
  void Set(absl::string_view content);

  // Harm, on the medium and in the cache. Both places lie in the file.
  void FlipBit(uint64_t offset, uint32_t bit);
  // The sector around `from` went to that around `to`.
  void Misdirect(uint64_t from, uint64_t to);

 private:
  using Sector = std::array<char, kSectorBytes>;

  // What an unsynced change replaced: whole sectors from `offset` on, and the size before.
  struct Undo {
    uint64_t offset;
    uint64_t size_before;
    std::string bytes;
  };

  void Remember(uint64_t offset, uint64_t end);
  void ForgetUnwritten();
  void PutBack(uint64_t sector, const char* bytes);
  void Damage(uint64_t sector, const char* before, SplitMix& random);

  std::string data_;
  std::vector<Undo> undo_;  // since the last sync, in order
  // Sectors that a failed sync did not write, as they are on the medium, and its size there.
  std::map<uint64_t, Sector> unwritten_;
  uint64_t medium_size_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_MEMORY_INODE_H_
