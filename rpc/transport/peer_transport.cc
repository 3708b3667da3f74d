#include "rpc/transport/peer_transport.h"

#include <glog/logging.h>

#include <utility>

namespace blixard::rpc {
namespace {

std::string OwnAddress(raft::ReplicaId self, const std::map<raft::ReplicaId, std::string>& all) {
  const auto own = all.find(self);
  return own == all.end() ? "" : own->second;
}

}  // namespace

PeerTransport::PeerTransport(raft::ClusterId cluster, raft::ReplicaId self,
                             const std::map<raft::ReplicaId, std::string>& addresses,
                             std::function<void(raft::ReplicaId)> on_unreachable)
    : cluster_(cluster),
      self_(self),
      own_address_(OwnAddress(self, addresses)),
      on_unreachable_(std::move(on_unreachable)),
      addresses_(self, addresses) {
  AddWanted();
}

// Members come and go; an address that is missing here must not stop those that are there.
void PeerTransport::CountLost(raft::ReplicaId to) {
  lost_.fetch_add(1, std::memory_order_relaxed);
  LOG_EVERY_N(WARNING, 1000) << "messages to replica " << to << " are dropped: want its address in "
                             << "the log or among the peers that were given, got none";
}

void PeerTransport::Send(const raft::Message& message) {
  if (!links_.With(message.to, [&](PeerLink& link) { link.Send(message); })) CountLost(message.to);
}

void PeerTransport::SendFrame(raft::ReplicaId to, absl::string_view frame) {
  if (!links_.With(to, [&](PeerLink& link) { link.SendFrame(frame); })) CountLost(to);
}

size_t PeerTransport::WaitingBytes(raft::ReplicaId peer) const {
  size_t bytes = 0;
  links_.With(peer, [&](const PeerLink& link) { bytes = link.waiting_bytes(); });
  return bytes;
}

void PeerTransport::Flush() {
  links_.ForEach([](raft::ReplicaId, PeerLink& link) { link.Flush(); });
}

void PeerTransport::SetMembers(const raft::Configuration& members) {
  // Destroyed behind the lock: that waits for threads of gRPC, and one may wait in Learn.
  std::vector<std::unique_ptr<PeerLink>> unwanted;
  const std::lock_guard lock(mutex_);
  addresses_.SetMembers(members);
  unwanted = TakeUnwanted();
  AddWanted();
}

// Closes nothing: one of gRPC's threads calls it, and must not wait for another of them. A link
// whose address changes is replaced at the next change of membership.
void PeerTransport::Learn(raft::ReplicaId peer, absl::string_view address) {
  const std::lock_guard lock(mutex_);
  if (!addresses_.Learn(peer, address)) return;
  LOG(INFO) << "replica " << peer << " says that it is reached at " << address;
  AddWanted();
}

std::string PeerTransport::AddressOf(raft::ReplicaId id) const {
  const std::lock_guard lock(mutex_);
  return addresses_.Find(id);
}

std::vector<std::unique_ptr<PeerLink>> PeerTransport::TakeUnwanted() {
  const std::map<raft::ReplicaId, PeerAddresses::Peer> wanted = addresses_.Wanted();
  std::vector<std::unique_ptr<PeerLink>> unwanted;
  for (auto linked = linked_.begin(); linked != linked_.end();) {
    const auto same = wanted.find(linked->first);
    if (same != wanted.end() && same->second == linked->second) {
      ++linked;
      continue;
    }
    unwanted.push_back(links_.Take(linked->first));
    linked = linked_.erase(linked);
  }
  return unwanted;
}

void PeerTransport::AddWanted() {
  for (const auto& [peer, where] : addresses_.Wanted()) {
    if (linked_.size() >= kMaxLinks || !linked_.emplace(peer, where).second) continue;
    const PeerLinkOptions options{.cluster = cluster_,
                                  .self = self_,
                                  .own_address = own_address_,
                                  .peer = peer,
                                  .address = where.address,
                                  .on_demand = where.is_stranger};
    links_.Add(peer, std::make_unique<PeerLink>(options, link_full_,
                                                [this, peer = peer] { on_unreachable_(peer); }));
  }
}

}  // namespace blixard::rpc
