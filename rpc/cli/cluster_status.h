// What blixardctl cluster status prints.
#ifndef BLIXARD_RPC_CLI_CLUSTER_STATUS_H_
#define BLIXARD_RPC_CLI_CLUSTER_STATUS_H_

#include <string>

#include "absl/status/statusor.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/output.pb.h"

namespace blixard::rpc {

// What the replica at `address` said of itself, or why it did not.
v1::ClusterMember Describe(const std::string& address,
                           const absl::StatusOr<v1::ReplicaStatus>& status);

// A line for each replica; what a person has to look after; what was refused, dropped and carried
// as snapshots; the leader's followers and latencies.
std::string Format(const v1::ClusterStatus& status);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CLUSTER_STATUS_H_
