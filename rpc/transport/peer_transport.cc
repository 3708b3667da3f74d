#include "rpc/transport/peer_transport.h"

#include <glog/logging.h>

namespace blixard::rpc {

namespace {

// Members come and go; an address that is missing here must not stop those that are there.
void WarnOfUnknown(raft::ReplicaId peer) {
  LOG_EVERY_N(WARNING, 1000) << "messages to replica " << peer << " are dropped: want its address "
                             << "among the peers, got none";
}

}  // namespace

PeerTransport::PeerTransport(raft::ClusterId cluster, raft::ReplicaId self,
                             const std::map<raft::ReplicaId, std::string>& addresses,
                             const std::function<void(raft::ReplicaId)>& on_unreachable) {
  for (const auto& [peer, address] : addresses) {
    if (peer == self) continue;
    const PeerLinkOptions options{
        .cluster = cluster, .self = self, .peer = peer, .address = address};
    links_[peer] = std::make_unique<PeerLink>(
        options, [on_unreachable, peer = peer] { on_unreachable(peer); });
  }
}

void PeerTransport::Send(const raft::Message& message) {
  const auto link = links_.find(message.to);
  if (link == links_.end()) return WarnOfUnknown(message.to);
  link->second->Send(message);
}

void PeerTransport::SendFrame(raft::ReplicaId to, absl::string_view frame) {
  const auto link = links_.find(to);
  if (link == links_.end()) return WarnOfUnknown(to);
  link->second->SendFrame(frame);
}

size_t PeerTransport::WaitingBytes(raft::ReplicaId peer) const {
  const auto link = links_.find(peer);
  return link == links_.end() ? 0 : link->second->waiting_bytes();
}

void PeerTransport::Flush() {
  for (const auto& [peer, link] : links_) link->Flush();
}

}  // namespace blixard::rpc
