#include "rpc/transport/peer_addresses.h"

#include <algorithm>
#include <utility>

namespace blixard::rpc {

PeerAddresses::PeerAddresses(raft::ReplicaId self, std::map<raft::ReplicaId, std::string> given)
    : self_(self), given_(std::move(given)) {}

void PeerAddresses::SetMembers(const raft::Configuration& members) {
  std::map<raft::ReplicaId, std::string> removed;
  for (raft::ReplicaId id : members_.Members()) {
    if (!members.HasMember(id)) removed[id] = Find(id);
  }
  members_ = members;
  for (auto& [id, address] : removed) {
    if (!address.empty() && HasRoomFor(id)) learned_[id] = std::move(address);
  }
}

bool PeerAddresses::Learn(raft::ReplicaId id, absl::string_view address) {
  if (id == raft::kNoReplica || id == self_) return false;
  if (address.empty() || address.size() > raft::kMaxAddressBytes) return false;
  const std::string before = Find(id);
  if (before != address && !HasRoomFor(id)) return false;
  learned_[id] = std::string(address);
  return Find(id) != before;
}

std::string PeerAddresses::Find(raft::ReplicaId id) const {
  if (const absl::string_view agreed = members_.AddressOf(id); !agreed.empty()) {
    return std::string(agreed);
  }
  // Of a stranger that speaks, what was given may be older than what it says.
  const auto learned = learned_.find(id);
  if (learned != learned_.end() && IsStranger(id)) return learned->second;
  if (const auto given = given_.find(id); given != given_.end()) return given->second;
  return learned != learned_.end() ? learned->second : "";
}

bool PeerAddresses::IsStranger(raft::ReplicaId id) const {
  return members_.IsEmpty() ? given_.count(id) == 0 : !members_.HasMember(id);
}

bool PeerAddresses::HasRoomFor(raft::ReplicaId id) const {
  if (!IsStranger(id) || learned_.count(id) > 0) return true;
  const auto strangers = std::count_if(learned_.begin(), learned_.end(),
                                       [this](const auto& one) { return IsStranger(one.first); });
  return static_cast<size_t>(strangers) < kMaxStrangers;
}

std::map<raft::ReplicaId, PeerAddresses::Peer> PeerAddresses::Wanted() const {
  std::map<raft::ReplicaId, Peer> wanted;
  const auto add = [&](raft::ReplicaId id) {
    std::string address = Find(id);
    if (id == self_ || address.empty()) return;
    wanted[id] = {.address = std::move(address), .is_stranger = IsStranger(id)};
  };
  for (const auto& [id, address] : learned_) add(id);
  for (raft::ReplicaId id : members_.Members()) add(id);
  if (!members_.IsEmpty()) return wanted;
  for (const auto& [id, address] : given_) add(id);
  return wanted;
}

}  // namespace blixard::rpc
