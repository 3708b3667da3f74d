// Who belongs to a group. While the configuration is joint (paper, section 6) the group is moving
// from one set of voters to another and nothing is decided without a majority of each.
#ifndef BLIXARD_RAFT_CORE_CONFIGURATION_H_
#define BLIXARD_RAFT_CORE_CONFIGURATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Replicas of one group, whatever they do in it. Bounds every table that holds one row per member.
inline constexpr size_t kMaxMembers = 64;

// Longer ones are refused: one byte holds the length.
inline constexpr size_t kMaxAddressBytes = 255;

// Where a member is reached. Opaque here: transports know what it means.
struct MemberAddress {
  ReplicaId id = kNoReplica;
  std::string address = {};

  bool operator==(const MemberAddress&) const = default;
};

// A value; every vector ascends without duplicates. Without voters it says "not a member of any
// group yet", which is where a replica starts that waits to be added.
struct Configuration {
  std::vector<ReplicaId> voters = {};    // when joint: those of the new majority
  std::vector<ReplicaId> outgoing = {};  // not empty = joint: those of the old majority
  std::vector<ReplicaId> learners = {};  // receive the log, count in no majority
  // Voters of the old majority that become learners when the joint configuration is left; until
  // then their votes count, so they must not be learners yet.
  std::vector<ReplicaId> learners_next = {};
  // The leader proposes leaving by itself as soon as the joint configuration is applied.
  bool auto_leave = false;
  // Of those members whose address the log knows; the others are found some other way.
  std::vector<MemberAddress> addresses = {};

  bool operator==(const Configuration&) const = default;

  bool IsEmpty() const { return voters.empty(); }
  bool IsJoint() const { return !outgoing.empty(); }
  bool HasVoter(ReplicaId id) const;    // of either majority
  bool HasLearner(ReplicaId id) const;  // now, not only next
  bool HasMember(ReplicaId id) const { return HasVoter(id) || HasLearner(id); }

  // Empty when the log has none; valid as long as the configuration is unchanged.
  absl::string_view AddressOf(ReplicaId id) const;

  // All of them, ascending. Allocates.
  std::vector<ReplicaId> Members() const;
};

// "voters=(1 2 3)&&(1 2) learners=(4) learners_next=(2) autoleave addresses=(4@host:7004)"; what is
// empty is left out, except the voters.
std::string ToString(const Configuration& configuration);

// kInvalidArgument naming field, expectation and value unless a group may really be configured so:
// there are voters; vectors ascend and hold no 0; nobody both votes and learns; who learns next is
// an outgoing voter and not an incoming one; what belongs to joint configurations is in no other;
// no more than kMaxMembers; addresses are those of members, ascending, and have 1 to
// kMaxAddressBytes.
absl::Status CheckConfiguration(const Configuration& configuration);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_CONFIGURATION_H_
