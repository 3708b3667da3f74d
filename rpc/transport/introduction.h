// How a replica that opens a gRPC stream says who it is and where it is reached: metadata of the
// call, which older replicas do not look at.
#ifndef BLIXARD_RPC_TRANSPORT_INTRODUCTION_H_
#define BLIXARD_RPC_TRANSPORT_INTRODUCTION_H_

namespace blixard::rpc {

inline constexpr char kClusterKey[] = "blixard-cluster";
inline constexpr char kReplicaKey[] = "blixard-replica";
inline constexpr char kAddressKey[] = "blixard-address";  // host:port

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_INTRODUCTION_H_
