// A free TCP port of the loopback interface, held until a server has bound it too.
#ifndef BLIXARD_RPC_DAEMON_RESERVED_PORT_H_
#define BLIXARD_RPC_DAEMON_RESERVED_PORT_H_

#include <string>

#include "absl/status/statusor.h"

namespace blixard::rpc {

// Members of a cluster need each other's addresses before any of them listens. The port is bound,
// not listened on, with SO_REUSEPORT: a server that sets it too (ReplicaServerOptions::reuse_port),
// of the same user, may bind it, anybody else may not; a killed server finds its port again.
class ReservedPort {
 public:
  static absl::StatusOr<ReservedPort> Take();

  ReservedPort(ReservedPort&& other) noexcept;
  ReservedPort& operator=(ReservedPort&& other) noexcept;
  ~ReservedPort();

  // 127.0.0.1:port
  const std::string& address() const { return address_; }

 private:
  ReservedPort(int socket, std::string address);

  int socket_;
  std::string address_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_RESERVED_PORT_H_
