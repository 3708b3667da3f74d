// Where the replicas of a group are reached, from all that one of them is told.
#ifndef BLIXARD_RPC_TRANSPORT_PEER_ADDRESSES_H_
#define BLIXARD_RPC_TRANSPORT_PEER_ADDRESSES_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/types.h"

namespace blixard::rpc {

// The group's log says where its members are. What the operator gave at the start fills the gaps:
// first voters have no address in the log, and a replica that waits to be added knows no log yet.
// What peers say of themselves fills the rest: a replica that was away may have to answer a leader
// that was added meanwhile, before it can read that in the log. Not thread-safe.
class PeerAddresses {
 public:
  // Replicas that are no members and of whom an address is kept; further ones get no answer.
  static constexpr size_t kMaxStrangers = 16;

  // `given` may hold `self`, which is passed over in Wanted.
  PeerAddresses(raft::ReplicaId self, std::map<raft::ReplicaId, std::string> given);

  // `members` is in force. Who was a member until now becomes a stranger: it may still ask, and an
  // answer tells it that it was removed.
  void SetMembers(const raft::Configuration& members);

  // `id` says that it is reached at `address`. Returns whether that is news. The log and what was
  // given are believed more.
  bool Learn(raft::ReplicaId id, absl::string_view address);

  // Empty when it is not known.
  std::string Find(raft::ReplicaId id) const;

  struct Peer {
    std::string address;
    bool is_stranger = false;  // to be connected to only when there is something to say
    bool operator==(const Peer&) const = default;
  };
  // Every other replica to which there should be a link.
  std::map<raft::ReplicaId, Peer> Wanted() const;

 private:
  bool IsStranger(raft::ReplicaId id) const;
  bool HasRoomFor(raft::ReplicaId id) const;

  const raft::ReplicaId self_;
  const std::map<raft::ReplicaId, std::string> given_;
  raft::Configuration members_;                     // empty: not known yet
  std::map<raft::ReplicaId, std::string> learned_;  // what peers said, and where members were
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_PEER_ADDRESSES_H_
