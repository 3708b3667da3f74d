// The outgoing half of a plain TCP connection to one peer.
#ifndef BLIXARD_RPC_TRANSPORT_TCP_LINK_H_
#define BLIXARD_RPC_TRANSPORT_TCP_LINK_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/message.h"
#include "rpc/transport/connect_targets.h"
#include "rpc/transport/name_lookup.h"
#include "rpc/transport/socket_poller.h"
#include "rpc/transport/tcp_hello.h"
#include "rpc/transport/tcp_socket.h"

namespace blixard::rpc {

// After the hello: batches of messages, each with its length, four bytes, little-endian, in front.
// A batch is closed once it is this large, so that it stays below this and one message.
inline constexpr size_t kTcpBatchBytes = size_t{256} << 10;

struct TcpLinkOptions {
  TcpHello hello;
  std::string address;       // host:port of the peer
  size_t max_waiting_bytes;  // beyond, messages are dropped and Raft repeats them
  bool on_demand = false;    // connects only when there is something to send
};

// Send and Flush: any thread; it writes to the socket itself, so that a message crosses no thread
// on its way out, and what the socket does not take waits here. The rest: the poller's thread.
class TcpLink : public SocketListener {
 public:
  // `on_unreachable` is called by the poller's thread when the connection breaks. `dropped`
  // counts what found too much waiting. `poller`, `lookup` and `dropped` outlive this.
  TcpLink(TcpLinkOptions options, SocketPoller& poller, NameLookup& lookup,
          std::atomic<uint64_t>& dropped, std::function<void()> on_unreachable);

  void Send(const raft::Message& message);
  void SendFrame(absl::string_view frame);  // a piece of a snapshot
  void Flush();

  // What the socket has not taken.
  size_t waiting_bytes() const;

  // Connects again if the connection is away and has been long enough, and gives up a connect that
  // takes too long. Returns whether this wants to be called again. Never blocks.
  bool Reopen(std::chrono::steady_clock::time_point now);

  // Drops the connection for good.
  void Close();

  void OnSocketEvents(uint32_t events) override;

 private:
  enum class State { kAway, kConnecting, kOpen };

  // mutex_ is held.
  bool BeginFrame();
  void EndFrame();
  void CloseBatch();
  absl::Status Write();
  void WatchWritable(bool watch);
  bool Connect(std::chrono::steady_clock::time_point now);
  void Break(const absl::Status& reason);

  const TcpLinkOptions options_;
  SocketPoller& poller_;
  std::atomic<uint64_t>& dropped_;
  const std::function<void()> on_unreachable_;

  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  State state_ = State::kAway;
  TcpSocket socket_;
  std::string waiting_;     // encoded; keeps its capacity
  size_t written_ = 0;      // of waiting_, taken by the socket
  size_t batch_begin_ = 0;  // of the batch that is open; waiting_.size(): none is
  bool watches_writable_ = false;
  bool closed_ = false;
  bool asked_for_ = false;  // something was to be sent while the connection was away
  ConnectTargets targets_;
  std::chrono::steady_clock::time_point reopen_at_{};
  std::chrono::steady_clock::time_point connected_by_{};  // kConnecting: or else it is given up
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_TCP_LINK_H_
