// The replica's Transport over plain TCP: for replicas on a network that only they can reach. It
// does less than gRPC (peer_transport.h): no TLS, no other service on its port, one thread; and so
// a lone proposal is answered in about a third of the time.
#ifndef BLIXARD_RPC_TRANSPORT_TCP_TRANSPORT_H_
#define BLIXARD_RPC_TRANSPORT_TCP_TRANSPORT_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/transport.h"
#include "rpc/transport/link_limits.h"
#include "rpc/transport/link_table.h"
#include "rpc/transport/message_intake.h"
#include "rpc/transport/name_lookup.h"
#include "rpc/transport/peer_addresses.h"
#include "rpc/transport/socket_poller.h"
#include "rpc/transport/tcp_hello.h"
#include "rpc/transport/tcp_link.h"
#include "rpc/transport/tcp_socket.h"
#include "rpc/transport/tcp_stream.h"

namespace blixard::rpc {

struct TcpTransportOptions {
  raft::ClusterId cluster{0};
  raft::ReplicaId self = raft::kNoReplica;
  // host:port of this replica, where it listens and its peers reach it, and of those that are known
  // before the log says more (peer_addresses.h).
  std::map<raft::ReplicaId, std::string> addresses;
  size_t max_waiting_bytes = kMaxWaitingBytes;
  // How long the transport's thread may look for messages before it sleeps, where they follow each
  // other so closely that sleeping would cost them more, and the processor has nothing else to do;
  // zero: never.
  std::chrono::microseconds spin_limit{100};
  // How names of peers are looked up, on a thread of its own: Stop does not wait for it.
  NameLookup::Find find_addresses = FindByResolver;
};

// Links follow the membership: made and closed while others send.
// Each replica connects to each peer and sends on that connection; what it receives comes on those
// that peers made. Whoever can connect can speak as any peer.
class TcpTransport : public raft::Transport {
 public:
  // Connections taken at once; further ones are closed unheard.
  static constexpr size_t kMaxStreams = 256;

  // Listens and begins to connect. kInvalidArgument when `addresses` lacks `self` or names an
  // address that is none; what the system says when it cannot listen.
  static absl::StatusOr<std::unique_ptr<TcpTransport>> Listen(const TcpTransportOptions& options);
  ~TcpTransport() override;  // stops

  // Where it listens: that of `self`, with the port the system chose if it was 0.
  std::string address() const { return listening_.LocalAddress(); }

  // From now on `receiver`, a replica or a hub, gets what peers send, on a thread of this
  // transport; until then they wait. Not owned; outlives the Stop. Once.
  void Serve(raft::MessageReceiver& receiver);

  // Closes every connection and ends the thread; Send does nothing from now on. Not from
  // `receiver`.
  void Stop();

  void Send(const raft::Message& message) override;
  void SendFrame(raft::ReplicaId to, absl::string_view frame) override;
  void Flush() override;
  void SetMembers(const raft::Configuration& members) override;

  raft::TransportCounters counters() const override {
    return {.link_full = link_full_.load(std::memory_order_relaxed),
            .no_address = messages_without_address()};
  }

  // Messages to replicas without a known address so far: dropped.
  uint64_t messages_without_address() const { return lost_.load(std::memory_order_relaxed); }

  // What waits for `peer`; at most max_waiting_bytes and one message.
  size_t WaitingBytes(raft::ReplicaId peer) const;

 private:
  // One group needs kMaxMembers; the groups of a GroupHub may have more peers together. Further
  // ones get no link, and what is sent to them counts as lost.
  static constexpr size_t kMaxLinks = 512;

  class Acceptor;
  class Stream;

  TcpTransport(const TcpTransportOptions& options, TcpSocket listening);

  void Run();
  void CountLost(raft::ReplicaId to);
  void Learn(const TcpHello& hello);
  void FollowAddresses();
  bool ReopenLinks();
  void OnUnreachable(raft::ReplicaId peer);
  void AcceptAll();
  void Forget(Stream& stream);

  const TcpTransportOptions options_;
  const TcpSocket listening_;
  SocketPoller poller_;
  NameLookup lookup_;
  std::atomic<uint64_t> link_full_{0};   // counted by the links
  LinkTable<TcpLink, kMaxLinks> links_;  // changed by the thread
  std::atomic<uint64_t> lost_{0};

  std::mutex mutex_;
  PeerAddresses addresses_;  // guarded by mutex_
  std::atomic<bool> addresses_changed_{false};

  std::atomic<raft::MessageReceiver*> receiver_{nullptr};
  std::atomic<bool> stop_{false};

  std::map<raft::ReplicaId, PeerAddresses::Peer> linked_;  // the thread's own

  // The thread's own, from Serve on.
  std::unique_ptr<MessageIntake> intake_;
  std::unique_ptr<Acceptor> acceptor_;
  std::map<int, std::unique_ptr<Stream>> streams_;  // by descriptor
  std::thread thread_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_TCP_TRANSPORT_H_
