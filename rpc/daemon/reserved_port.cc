#include "rpc/daemon/reserved_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace blixard::rpc {

absl::StatusOr<ReservedPort> ReservedPort::Take() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return absl::ErrnoToStatus(errno, "loopback port: socket");
  absl::Cleanup close_socket = [socket] { ::close(socket); };
  const int on = 1;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
      ::bind(socket, generic, length) != 0 || ::getsockname(socket, generic, &length) != 0) {
    return absl::ErrnoToStatus(errno, "loopback port: bind");
  }
  std::move(close_socket).Cancel();
  return ReservedPort(socket, absl::StrCat("127.0.0.1:", ntohs(address.sin_port)));
}

ReservedPort::ReservedPort(int socket, std::string address)
    : socket_(socket), address_(std::move(address)) {}

ReservedPort::ReservedPort(ReservedPort&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), address_(std::move(other.address_)) {}

ReservedPort& ReservedPort::operator=(ReservedPort&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(address_, other.address_);
  return *this;
}

ReservedPort::~ReservedPort() {
  if (socket_ >= 0) ::close(socket_);
}

}  // namespace blixard::rpc
