// The first bytes of a connection between peers: who speaks to whom.
#ifndef BLIXARD_RPC_TRANSPORT_TCP_HELLO_H_
#define BLIXARD_RPC_TRANSPORT_TCP_HELLO_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"

namespace blixard::rpc {

struct TcpHello {
  raft::ClusterId cluster{0};
  raft::ReplicaId from = raft::kNoReplica;
  raft::ReplicaId to = raft::kNoReplica;
  std::string address = {};  // host:port at which `from` is reached; may be empty
};

// "BLXPEER" and the format version, one byte, 2; then cluster, from, to: 8 bytes each,
// little-endian; then the length of the address, one byte, and the address.
inline constexpr size_t kTcpHelloBytes = 33;  // without the address

// CHECKs that the address has no more than 255 bytes.
void AppendTcpHello(const TcpHello& hello, std::string& bytes);

// How long the hello is that begins with `bytes`, of which there are kTcpHelloBytes (CHECKed).
// kInvalidArgument when something else speaks, or another version.
absl::StatusOr<size_t> TcpHelloBytes(absl::string_view bytes);

// `bytes` are as many as TcpHelloBytes says (CHECKed). Errors as there.
absl::StatusOr<TcpHello> ReadTcpHello(absl::string_view bytes);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_TCP_HELLO_H_
