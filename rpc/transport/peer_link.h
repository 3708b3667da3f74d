// The outgoing half of the connection to one peer.
#ifndef BLIXARD_RPC_TRANSPORT_PEER_LINK_H_
#define BLIXARD_RPC_TRANSPORT_PEER_LINK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "rpc/transport/link_limits.h"

namespace blixard::rpc {

// Of one frame of the stream, a message less: servers take no more than 4 MiB at once.
inline constexpr size_t kPeerFrameBytes = size_t{1} << 20;

struct PeerLinkOptions {
  raft::ClusterId cluster{0};
  raft::ReplicaId self = raft::kNoReplica;
  std::string own_address = {};  // host:port at which peers reach `self`; told to them
  raft::ReplicaId peer = raft::kNoReplica;
  std::string address;     // host:port of the peer
  bool on_demand = false;  // opens its stream only when there is something to send

  // That wait here or are being written; gRPC has a copy of what is being written, which is at most
  // kPeerFrameBytes and one message.
  size_t max_waiting_bytes = kMaxWaitingBytes;
};

// Sends over one gRPC stream, opened again when it breaks. While a write is on its way, messages
// gather in a second buffer and leave together with the next one, or the next few; both buffers
// keep their capacity. Thread-safe. The callbacks of gRPC run on its own threads.
class PeerLink {
 public:
  // `on_unreachable` is called, from any thread, when the stream breaks; not after the destructor
  // has returned. `dropped` counts what found too much waiting; it outlives this.
  PeerLink(const PeerLinkOptions& options, std::atomic<uint64_t>& dropped,
           std::function<void()> on_unreachable);
  ~PeerLink();  // closes the stream and waits for its end

  PeerLink(const PeerLink&) = delete;
  PeerLink& operator=(const PeerLink&) = delete;

  void Send(const raft::Message& message);
  void SendFrame(absl::string_view frame);  // a piece of a snapshot
  void Flush();

  // What waits, or is being written.
  size_t waiting_bytes() const;

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_PEER_LINK_H_
