// The incoming half: takes what peers send and hands it to the replica, or the hub of several.
#ifndef BLIXARD_RPC_TRANSPORT_PEER_SERVICE_H_
#define BLIXARD_RPC_TRANSPORT_PEER_SERVICE_H_

#include <functional>
#include <utility>

#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/message_receiver.h"
#include "rpc/proto/peer.grpc.pb.h"
#include "rpc/transport/message_intake.h"

namespace blixard::rpc {

// Told where a peer says that it is reached.
using PeerListener = std::function<void(raft::ReplicaId, absl::string_view address)>;

// Bytes that are not messages, or not for this receiver, end the stream with INVALID_ARGUMENT; what
// came before them has been taken. Thread-safe. `receiver` outlives the server.
class PeerService : public v1::PeerTransport::CallbackService {
 public:
  // `on_peer` may be null.
  PeerService(raft::ClusterId cluster, raft::ReplicaId self, raft::MessageReceiver& receiver,
              PeerListener on_peer = nullptr)
      : cluster_(cluster),
        self_(self),
        on_peer_(std::move(on_peer)),
        intake_(receiver, MessageIntake::Thread::kNotLent) {}

  grpc::ServerBidiReactor<v1::PeerFrame, v1::PeerHello>* Exchange(
      grpc::CallbackServerContext* context) override;

 private:
  class Stream;

  void HearIntroduction(const grpc::CallbackServerContext& context) const;

  const raft::ClusterId cluster_;
  const raft::ReplicaId self_;
  const PeerListener on_peer_;
  MessageIntake intake_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_PEER_SERVICE_H_
