// What the links to peers may hold, the same over every transport.
#ifndef BLIXARD_RPC_TRANSPORT_LINK_LIMITS_H_
#define BLIXARD_RPC_TRANSPORT_LINK_LIMITS_H_

#include <cstddef>

namespace blixard::rpc {

// Bytes that wait for one peer; once they are reached, messages are dropped until there is less,
// and Raft repeats them. So at most this and one message wait. A peer that is suspended must not
// make this replica grow (redpanda #26737).
inline constexpr size_t kMaxWaitingBytes = size_t{16} << 20;

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_LINK_LIMITS_H_
