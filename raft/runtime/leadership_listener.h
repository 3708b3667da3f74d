// Tells the embedder who leads.
#ifndef BLIXARD_RAFT_RUNTIME_LEADERSHIP_LISTENER_H_
#define BLIXARD_RAFT_RUNTIME_LEADERSHIP_LISTENER_H_

#include "raft/core/node_status.h"
#include "raft/core/types.h"

namespace blixard::raft {

struct LeadershipEvent {
  Term term;
  Role role = Role::kFollower;    // of this replica
  ReplicaId leader = kNoReplica;  // of `term`, as far as this replica knows
  bool operator==(const LeadershipEvent&) const = default;
};

class LeadershipListener {
 public:
  virtual ~LeadershipListener() = default;
  // Called once per change of any field and in order; terms never go back. By one thread at a time:
  // the replica's own, or one that carries out a round in its place (Replica::CarryOut), such as a
  // transport's. A replica that stops, or whose disk fails, tells last of all that it follows
  // nobody. Must not block nor call back into the replica.
  virtual void OnLeadershipChange(const LeadershipEvent& event) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_LEADERSHIP_LISTENER_H_
