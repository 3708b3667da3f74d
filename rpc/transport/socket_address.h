// Addresses as the system's sockets take them, and how "host:port" becomes one.
#ifndef BLIXARD_RPC_TRANSPORT_SOCKET_ADDRESS_H_
#define BLIXARD_RPC_TRANSPORT_SOCKET_ADDRESS_H_

#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace blixard::rpc {

struct SocketAddress {
  sockaddr_storage storage = {};  // zero behind `length`
  socklen_t length = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

bool operator==(const SocketAddress& a, const SocketAddress& b);

std::string ToString(const SocketAddress& address);  // "127.0.0.1:7000", "[::1]:7000", "unknown"

// Of one name; further ones are passed over.
inline constexpr size_t kMaxAddressesOfAName = 16;

// All that "host:port" or "[host]:port" stands for, in the order in which to try them; at least
// one. `flags` as of getaddrinfo: AI_NUMERICHOST takes digits only and never blocks, AI_PASSIVE is
// for who listens; without the first it blocks for as long as the resolver does. kInvalidArgument
// when nothing is found.
absl::StatusOr<std::vector<SocketAddress>> FindAddresses(const std::string& address, int flags);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_SOCKET_ADDRESS_H_
