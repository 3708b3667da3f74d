// What an operator or the embedder asks of a replica, apart from proposals and reads.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_REQUEST_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_REQUEST_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "raft/core/configuration_change.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Rare; may allocate.
struct ReplicaRequest {
  enum class Kind : uint8_t {
    kChangeMembers,  // `change`; ends when it is in force, joint configurations included, and a
                     // majority of the new voters knows it for good: what it removed may go
    // To `to`, or kNoReplica: the voter with most of the log; ends when asked for. For kNoReplica:
    // kFailedPrecondition on a leader that is the only voter, kUnavailable (later it may pass) on a
    // follower and while no other voter answers.
    kTransfer,
    kForgetLeader,  // the leader is known to be gone
    kCampaign,      // stand for election now
    kTakeSnapshot,  // of what is applied now; ends when it is ordered
  };

  Kind kind = Kind::kCampaign;
  ConfigurationChange change = {};
  ReplicaId to = kNoReplica;

  // Called once, from a thread of the replica, when it is known how the request ended: must not
  // block nor call the replica's Stop. May be empty.
  std::function<void(const absl::Status&)> done = {};

  void End(const absl::Status& status) const {
    if (done) done(status);
  }
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_REQUEST_H_
