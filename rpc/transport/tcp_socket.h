// Non-blocking TCP sockets of the peer transport.
#ifndef BLIXARD_RPC_TRANSPORT_TCP_SOCKET_H_
#define BLIXARD_RPC_TRANSPORT_TCP_SOCKET_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rpc/transport/socket_address.h"

namespace blixard::rpc {

// kUnavailable: what a connection that stood, or nearly, came to.
absl::Status ConnectionError(absl::string_view operation, int error);

// Owns one descriptor; movable. Not thread-safe.
class TcpSocket {
 public:
  TcpSocket() = default;
  explicit TcpSocket(int fd) : fd_(fd) {}
  TcpSocket(TcpSocket&& other) noexcept;
  TcpSocket& operator=(TcpSocket&& other) noexcept;
  ~TcpSocket();

  // Listens on "host:port"; looks a name up, which may block for as long as the resolver does.
  // kInvalidArgument for what cannot be looked up, what the system says otherwise.
  static absl::StatusOr<TcpSocket> Listen(const std::string& address);

  // Begins to connect; the socket becomes writable when that has ended, see PendingError.
  static absl::StatusOr<TcpSocket> Connect(const SocketAddress& address);

  // The next connection that waits; not open when there is none.
  TcpSocket Accept() const;

  // What became of the last operation that went on in the background.
  absl::Status PendingError() const;

  // "host:port" with the port that Listen was given, or got if it was 0.
  std::string LocalAddress() const;

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void Close();

 private:
  int fd_ = -1;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_TCP_SOCKET_H_
