#include "rpc/transport/tcp_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

// A machine that vanished without a word is noticed after these, whether or not data is under way.
constexpr int kKeepaliveIdleSeconds = 10;
constexpr int kKeepaliveIntervalSeconds = 5;
constexpr int kKeepaliveProbes = 2;
constexpr int kUnacknowledgedMilliseconds = 15'000;

constexpr int kSocketFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<Addresses> Resolve(const std::string& address, int flags) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat("address: want host:port, got ", address));
  }
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[') host = host.substr(1, host.size() - 2);  // IPv6
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found);
  if (error == 0) return Addresses(found, &freeaddrinfo);
  return absl::InvalidArgumentError(absl::StrCat("address: want one that can be looked up, got ",
                                                 address, ": ", gai_strerror(error)));
}

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

absl::StatusOr<TcpSocket> TcpSocket::Listen(const std::string& address) {
  absl::StatusOr<Addresses> found = Resolve(address, AI_PASSIVE);
  if (!found.ok()) return found.status();
  const addrinfo& first = **found;
  TcpSocket socket(::socket(first.ai_family, first.ai_socktype | kSocketFlags, 0));
  if (!socket.is_open()) return absl::ErrnoToStatus(errno, absl::StrCat(address, ": socket"));
  Set(socket.fd_, SOL_SOCKET, SO_REUSEADDR, 1);  // a restart must not wait for old connections
  if (bind(socket.fd_, first.ai_addr, first.ai_addrlen) != 0 ||
      listen(socket.fd_, SOMAXCONN) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(address, ": listen"));
  }
  return socket;
}

absl::StatusOr<TcpSocket> TcpSocket::Connect(const std::string& address) {
  absl::StatusOr<Addresses> found = Resolve(address, 0);
  if (!found.ok()) return found.status();
  const addrinfo& first = **found;
  TcpSocket socket(::socket(first.ai_family, first.ai_socktype | kSocketFlags, 0));
  if (!socket.is_open()) return absl::ErrnoToStatus(errno, absl::StrCat(address, ": socket"));
  SetPeerOptions(socket.fd_);
  if (connect(socket.fd_, first.ai_addr, first.ai_addrlen) != 0 && errno != EINPROGRESS) {
    return absl::ErrnoToStatus(errno, absl::StrCat(address, ": connect"));
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
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(fd_, generic, &length) != 0 ||
      getnameinfo(generic, length, host, sizeof(host), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  return address.ss_family == AF_INET6 ? absl::StrCat("[", host, "]:", port)
                                       : absl::StrCat(host, ":", port);
}

}  // namespace blixard::rpc
