// Changes of membership between whoever asked for them and the entries that carry them.
#ifndef BLIXARD_RAFT_RUNTIME_MEMBERSHIP_REQUESTS_H_
#define BLIXARD_RAFT_RUNTIME_MEMBERSHIP_REQUESTS_H_

#include <optional>

#include "absl/status/status.h"
#include "raft/core/configuration.h"
#include "raft/core/raw_node.h"
#include "raft/core/types.h"
#include "raft/runtime/replica_request.h"

namespace blixard::raft {

// One change is under way at a time, as in the protocol. Not thread-safe. Every request that was
// taken ends exactly once.
class MembershipRequests {
 public:
  explicit MembershipRequests(RawNode& node) : node_(node) {}

  // Proposes it, or ends it with the reason why not.
  void Take(ReplicaRequest request);

  // `entry`, a change of membership, was applied and `now` is in force. A change that leaves a
  // joint configuration by itself ends when that was left.
  void OnApplied(EntryId entry, const Configuration& now);

  // Follows the node's role: without the leadership nobody here will learn what became of it.
  void FollowLeadership();
  void EndAll();

 private:
  struct Pending {
    ReplicaRequest request;
    EntryId entry;
    bool applied = false;
  };
  void End(const absl::Status& status);

  RawNode& node_;
  std::optional<Pending> pending_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_MEMBERSHIP_REQUESTS_H_
