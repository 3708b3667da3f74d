#include "rpc/transport/peer_transport.h"

#include <glog/logging.h>

namespace blixard::rpc {

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
  CHECK(link != links_.end()) << "no address for replica " << message.to;
  link->second->Send(message);
}

void PeerTransport::Flush() {
  for (const auto& [peer, link] : links_) link->Flush();
}

}  // namespace blixard::rpc
