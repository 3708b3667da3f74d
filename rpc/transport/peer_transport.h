// The replica's Transport over gRPC: one link to each peer.
#ifndef BLIXARD_RPC_TRANSPORT_PEER_TRANSPORT_H_
#define BLIXARD_RPC_TRANSPORT_PEER_TRANSPORT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/runtime/transport.h"
#include "rpc/transport/link_table.h"
#include "rpc/transport/peer_addresses.h"
#include "rpc/transport/peer_link.h"

namespace blixard::rpc {

// Links follow the membership: made and closed while others send. Learn and AddressOf: any thread.
class PeerTransport : public raft::Transport {
 public:
  // `addresses` holds this replica, where its peers reach it, and those that are known before the
  // log says more (peer_addresses.h). `on_unreachable` as for PeerLink, with the peer's id.
  PeerTransport(raft::ClusterId cluster, raft::ReplicaId self,
                const std::map<raft::ReplicaId, std::string>& addresses,
                std::function<void(raft::ReplicaId)> on_unreachable);

  void Send(const raft::Message& message) override;
  void SendFrame(raft::ReplicaId to, absl::string_view frame) override;
  void Flush() override;
  // May wait for streams to be cancelled, a moment each.
  void SetMembers(const raft::Configuration& members) override;

  // A peer said where it is reached: see PeerService.
  void Learn(raft::ReplicaId peer, absl::string_view address);

  // Empty when it is not known.
  std::string AddressOf(raft::ReplicaId id) const;

  raft::TransportCounters counters() const override {
    return {.link_full = link_full_.load(std::memory_order_relaxed),
            .no_address = messages_without_address()};
  }

  // Messages to replicas without a known address so far: dropped.
  uint64_t messages_without_address() const { return lost_.load(std::memory_order_relaxed); }

  // What waits for `peer`; at most kMaxWaitingBytes and one message.
  size_t WaitingBytes(raft::ReplicaId peer) const;

 private:
  // One group needs kMaxMembers; the groups of a GroupHub may have more peers together. Further
  // ones get no link, and what is sent to them counts as lost.
  static constexpr size_t kMaxLinks = 512;

  void CountLost(raft::ReplicaId to);
  std::vector<std::unique_ptr<PeerLink>> TakeUnwanted();
  void AddWanted();

  const raft::ClusterId cluster_;
  const raft::ReplicaId self_;
  const std::string own_address_;
  const std::function<void(raft::ReplicaId)> on_unreachable_;
  std::atomic<uint64_t> lost_{0};
  std::atomic<uint64_t> link_full_{0};  // counted by the links

  mutable std::mutex mutex_;  // of who changes the table; senders do not take it
  PeerAddresses addresses_;   // guarded by mutex_
  std::map<raft::ReplicaId, PeerAddresses::Peer> linked_;  // guarded by mutex_
  LinkTable<PeerLink, kMaxLinks> links_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_PEER_TRANSPORT_H_
