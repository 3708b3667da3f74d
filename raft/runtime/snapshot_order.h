// What the protocol side and the snapshot side of a replica say to each other.
#ifndef BLIXARD_RAFT_RUNTIME_SNAPSHOT_ORDER_H_
#define BLIXARD_RAFT_RUNTIME_SNAPSHOT_ORDER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "raft/core/message.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// From the ReplicaLoop. Rare; may allocate.
struct SnapshotOrder {
  enum class Kind : uint8_t {
    kWrite,  // make `view` a durable snapshot under `meta`
    kSend,   // bring the newest snapshot to message.to, for which the leader sends `message`
    kBegin,  // a leader's `message` tells how the group began: a snapshot without data
  };
  Kind kind = Kind::kWrite;
  SnapshotMeta meta = {};
  std::unique_ptr<StateView> view = {};
  Message message = {};
};

// Back to it.
struct SnapshotEvent {
  enum class Kind : uint8_t {
    kWritten,     // `meta` is durable, or a newer one was
    kNotWritten,  // or not received. Why: `status`; what the store's status() says is final
    kDelivered,   // to `peer`, or not: `status`
    kReceived,    // what `message` stands for is durable here: step it
  };
  Kind kind = Kind::kWritten;
  SnapshotMeta meta = {};
  ReplicaId peer = kNoReplica;
  Message message = {};
  absl::Status status = absl::OkStatus();
};

using SnapshotOrders = std::vector<SnapshotOrder>;
using SnapshotEvents = std::vector<SnapshotEvent>;

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SNAPSHOT_ORDER_H_
