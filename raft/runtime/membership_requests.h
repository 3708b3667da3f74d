// Changes of membership between whoever asked for them and the entries that carry them.
#ifndef BLIXARD_RAFT_RUNTIME_MEMBERSHIP_REQUESTS_H_
#define BLIXARD_RAFT_RUNTIME_MEMBERSHIP_REQUESTS_H_

#include <optional>

#include "absl/status/status.h"
#include "raft/core/raw_node.h"
#include "raft/core/types.h"
#include "raft/runtime/replica_request.h"

namespace blixard::raft {

// One change is under way at a time, as in the protocol. Not thread-safe. Every request that was
// taken ends exactly once. It ends well when its change is confirmed (RawNode::confirmed_change):
// whoever asked may then destroy what the change removed. A change that leaves a joint
// configuration by itself is confirmed when that was left.
class MembershipRequests {
 public:
  explicit MembershipRequests(RawNode& node) : node_(node) {}

  // Proposes it, or ends it with the reason why not.
  void Take(ReplicaRequest request);

  // To be called after the node was fed: ends what is confirmed; and, without the leadership, what
  // nobody here will learn the fate of.
  void Follow();
  void EndAll();

 private:
  struct Pending {
    ReplicaRequest request;
    EntryId entry;
  };
  void End(const absl::Status& status);

  RawNode& node_;
  std::optional<Pending> pending_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_MEMBERSHIP_REQUESTS_H_
