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
};

// "BLXPEER" and the format version, one byte, 1; then cluster, from, to: 8 bytes each,
// little-endian.
inline constexpr size_t kTcpHelloBytes = 32;

void AppendTcpHello(const TcpHello& hello, std::string& bytes);

// `bytes` are kTcpHelloBytes (CHECKed). kInvalidArgument when something else speaks, or another
// version.
absl::StatusOr<TcpHello> ReadTcpHello(absl::string_view bytes);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_TCP_HELLO_H_
