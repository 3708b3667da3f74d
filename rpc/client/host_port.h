// Checks what a person gave as an address.
#ifndef BLIXARD_RPC_CLIENT_HOST_PORT_H_
#define BLIXARD_RPC_CLIENT_HOST_PORT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace blixard::rpc {

// OK for host:port with a port from 1 to 65535 and a host that is not empty; else kInvalidArgument
// that begins with `field`.
absl::Status CheckHostPort(absl::string_view field, absl::string_view address);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLIENT_HOST_PORT_H_
