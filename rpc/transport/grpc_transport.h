// The replica's Transport over gRPC, with a port of its own: PeerTransport and PeerService put
// together. Where peers share a port with other services (blixardd), the program does that itself.
#ifndef BLIXARD_RPC_TRANSPORT_GRPC_TRANSPORT_H_
#define BLIXARD_RPC_TRANSPORT_GRPC_TRANSPORT_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/transport.h"

namespace blixard::rpc {

struct GrpcTransportOptions {
  raft::ClusterId cluster{0};
  raft::ReplicaId self = raft::kNoReplica;
  // host:port of this replica, where it listens and its peers reach it, and of those that are known
  // before the log says more (peer_addresses.h).
  std::map<raft::ReplicaId, std::string> addresses;
};

// Links follow the membership. Whoever can connect can speak as any peer.
class GrpcTransport : public raft::Transport {
 public:
  // Listens and begins to connect. kInvalidArgument when `addresses` lacks `self`; kUnavailable
  // when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<GrpcTransport>> Listen(const GrpcTransportOptions& options);
  ~GrpcTransport() override;  // stops

  // From now on `receiver`, a replica or a hub, gets what peers send; what came before is lost, and
  // peers repeat it. Not owned; outlives the Stop. Once.
  void Serve(raft::MessageReceiver& receiver);

  // Closes what peers connected, and waits: nothing reaches the receiver any more. Not from it.
  void Stop();

  void Send(const raft::Message& message) override;
  void SendFrame(raft::ReplicaId to, absl::string_view frame) override;
  void Flush() override;
  void SetMembers(const raft::Configuration& members) override;
  raft::TransportCounters counters() const override;

  // What waits for `peer`; at most kMaxWaitingBytes and one message.
  size_t WaitingBytes(raft::ReplicaId peer) const;

 private:
  struct Parts;
  explicit GrpcTransport(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_GRPC_TRANSPORT_H_
