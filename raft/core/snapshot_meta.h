// What a snapshot of the state machine stands for.
#ifndef BLIXARD_RAFT_CORE_SNAPSHOT_META_H_
#define BLIXARD_RAFT_CORE_SNAPSHOT_META_H_

#include "raft/core/configuration.h"
#include "raft/core/types.h"

namespace blixard::raft {

// The state after applying everything up to `last`, and who belonged to the group then. A snapshot
// without its configuration, or with that of a later entry, lets disjoint majorities arise
// (openraft #1808). `last` {0, 0} is the group's beginning: no state, only the first configuration.
struct SnapshotMeta {
  EntryId last;
  Configuration configuration;

  bool operator==(const SnapshotMeta&) const = default;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_SNAPSHOT_META_H_
