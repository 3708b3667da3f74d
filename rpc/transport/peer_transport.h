// The replica's Transport over gRPC: one link to each peer.
#ifndef BLIXARD_RPC_TRANSPORT_PEER_TRANSPORT_H_
#define BLIXARD_RPC_TRANSPORT_PEER_TRANSPORT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "raft/runtime/transport.h"
#include "rpc/transport/peer_link.h"

namespace blixard::rpc {

class PeerTransport : public raft::Transport {
 public:
  // `addresses` holds every replica of the group; that of `self` is passed over. `on_unreachable`
  // as for PeerLink, with the peer's id.
  PeerTransport(raft::ClusterId cluster, raft::ReplicaId self,
                const std::map<raft::ReplicaId, std::string>& addresses,
                const std::function<void(raft::ReplicaId)>& on_unreachable);

  void Send(const raft::Message& message) override;
  void SendFrame(raft::ReplicaId to, absl::string_view frame) override;
  void Flush() override;

  // What waits for `peer`; at most kMaxWaitingBytes and one message.
  size_t WaitingBytes(raft::ReplicaId peer) const;

 private:
  std::map<raft::ReplicaId, std::unique_ptr<PeerLink>> links_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_PEER_TRANSPORT_H_
