// The incoming half of a plain TCP connection: what one peer sends.
#ifndef BLIXARD_RPC_TRANSPORT_TCP_STREAM_H_
#define BLIXARD_RPC_TRANSPORT_TCP_STREAM_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "rpc/transport/message_intake.h"
#include "rpc/transport/tcp_hello.h"
#include "rpc/transport/tcp_socket.h"

namespace blixard::rpc {

// A batch that claims to be larger than this is damage: no sender makes one (tcp_link.h).
inline constexpr size_t kMaxTcpBatchBytes = size_t{64} << 20;

// Not thread-safe. Keeps one buffer, as large as the largest batch it has met.
class TcpStream {
 public:
  // Messages go to `intake`, which is not owned; `on_hello` is told who speaks.
  TcpStream(TcpSocket socket, raft::ClusterId cluster, raft::ReplicaId self, MessageIntake& intake,
            std::function<void(const TcpHello&)> on_hello);

  // Reads what has arrived, to a bound, and hands on every batch that is complete. An error ends
  // the connection: kUnavailable when the peer closed it, anything else is worth a log line.
  absl::Status OnReadable();

  int fd() const { return socket_.fd(); }

 private:
  absl::Status TakeHello();
  absl::Status TakeBatches();
  // Bytes that are needed before anything further can be taken.
  absl::StatusOr<size_t> BytesWanted() const;
  absl::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void MakeRoom(size_t bytes);

  const TcpSocket socket_;
  const raft::ClusterId cluster_;
  const raft::ReplicaId self_;
  MessageIntake& intake_;
  const std::function<void(const TcpHello&)> on_hello_;

  bool hello_taken_ = false;
  std::string buffer_;  // [begin_, end_) was received and not yet taken
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_TCP_STREAM_H_
