// What one replica has written, and how much of it would survive a crash now.
#ifndef BLIXARD_TESTS_RAFT_CORE_MEMORY_DISK_H_
#define BLIXARD_TESTS_RAFT_CORE_MEMORY_DISK_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/raw_node.h"
#include "raft/core/types.h"

namespace blixard::raft {

class MemoryDisk {
 public:
  // Writes in the order of a log: the hard state, then each entry. CHECKs that no entry leaves a
  // hole and that none replaces what is known to be committed.
  void Append(const std::optional<HardState>& hard_state, absl::Span<const Entry> entries);
  void Sync();

  size_t unsynced_writes() const { return unsynced_.size(); }
  // The first `kept` of the unsynced writes survive, the others are lost.
  void Crash(size_t kept);

  // What is durable.
  const HardState& hard_state() const { return hard_state_; }
  const std::vector<Entry>& entries() const { return entries_; }
  bool Holds(const EntryId& id) const;

 private:
  struct Write {
    std::optional<HardState> hard_state;
    std::optional<Entry> entry;
  };
  void Keep(size_t writes);

  HardState hard_state_;
  std::vector<Entry> entries_;
  std::vector<Write> unsynced_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_MEMORY_DISK_H_
