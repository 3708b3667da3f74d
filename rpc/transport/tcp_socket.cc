#include "rpc/transport/tcp_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

// A machine that vanished without a word is noticed after these, whether or not data is under way.
constexpr int kKeepaliveIdleSeconds = 10;
constexpr int kKeepaliveIntervalSeconds = 5;
constexpr int kKeepaliveProbes = 2;
constexpr int kUnacknowledgedMilliseconds = 15'000;

constexpr int kSocketFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;

void Set(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof(value));  // at worst slower, or noticed later
}

void SetPeerOptions(int fd) {
  Set(fd, IPPROTO_TCP, TCP_NODELAY, 1);  // a flush is a batch already
  Set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  Set(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdleSeconds);
  Set(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveIntervalSeconds);
  Set(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
  Set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedMilliseconds);
}

}  // namespace

absl::Status ConnectionError(absl::string_view operation, int error) {
  return absl::UnavailableError(
      absl::StrCat(operation, ": ", std::generic_category().message(error)));
}

TcpSocket::TcpSocket(TcpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

TcpSocket::~TcpSocket() { Close(); }

void TcpSocket::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

// The first of its addresses that this machine can listen on.
absl::StatusOr<TcpSocket> TcpSocket::Listen(const std::string& address) {
  const absl::StatusOr<std::vector<SocketAddress>> found = FindAddresses(address, AI_PASSIVE);
  if (!found.ok()) return found.status();
  absl::Status failed;
  for (const SocketAddress& own : *found) {
    TcpSocket socket(::socket(own.storage.ss_family, SOCK_STREAM | kSocketFlags, 0));
    if (socket.is_open()) {
      Set(socket.fd_, SOL_SOCKET, SO_REUSEADDR, 1);  // a restart must not wait for old connections
      if (bind(socket.fd_, own.get(), own.length) == 0 && listen(socket.fd_, SOMAXCONN) == 0) {
        return socket;
      }
    }
    failed.Update(absl::ErrnoToStatus(errno, absl::StrCat(address, ": listen")));
  }
  return failed;
}

absl::StatusOr<TcpSocket> TcpSocket::Connect(const SocketAddress& address) {
  TcpSocket socket(::socket(address.storage.ss_family, SOCK_STREAM | kSocketFlags, 0));
  if (!socket.is_open()) {
    return absl::ErrnoToStatus(errno, absl::StrCat(ToString(address), ": socket"));
  }
  SetPeerOptions(socket.fd_);
  if (connect(socket.fd_, address.get(), address.length) != 0 && errno != EINPROGRESS) {
    return absl::ErrnoToStatus(errno, absl::StrCat(ToString(address), ": connect"));
  }
  return socket;
}

TcpSocket TcpSocket::Accept() const {
  TcpSocket accepted(accept4(fd_, nullptr, nullptr, kSocketFlags));
  if (accepted.is_open()) SetPeerOptions(accepted.fd_);
  return accepted;
}

absl::Status TcpSocket::PendingError() const {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : ConnectionError("connect", error);
}

std::string TcpSocket::LocalAddress() const {
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (getsockname(fd_, address.get(), &address.length) != 0) return "unknown";
  return ToString(address);
}

}  // namespace blixard::rpc
