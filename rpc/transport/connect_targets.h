// Which address of a peer to connect to.
#ifndef BLIXARD_RPC_TRANSPORT_CONNECT_TARGETS_H_
#define BLIXARD_RPC_TRANSPORT_CONNECT_TARGETS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "rpc/transport/name_lookup.h"
#include "rpc/transport/socket_address.h"

namespace blixard::rpc {

// All addresses of a name in turn, for a peer may listen on one of them only; the one that was
// reached is tried first again. When all have failed the name is looked up anew, and until that is
// answered the known ones are tried on. Never blocks. Not thread-safe.
class ConnectTargets {
 public:
  // `address` is host:port; a host in digits is never looked up. `lookup` outlives this.
  ConnectTargets(std::string address, NameLookup& lookup);

  // The one to try now; null while none is known: ask again later.
  const SocketAddress* Current();

  // The current one could not be reached.
  void TurnToNext();

 private:
  void TakeAnswer();

  const std::string address_;
  NameLookup& lookup_;
  const bool is_in_digits_;
  std::vector<SocketAddress> known_;
  size_t current_ = 0;
  std::shared_ptr<NameLookup::Question> question_;  // null: none is open
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_CONNECT_TARGETS_H_
