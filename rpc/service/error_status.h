// Errors on the wire: absl::Status as gRPC status, and the redirect to the leader in its details.
#ifndef BLIXARD_RPC_SERVICE_ERROR_STATUS_H_
#define BLIXARD_RPC_SERVICE_ERROR_STATUS_H_

#include <grpcpp/support/status.h>

#include <optional>

#include "absl/status/status.h"
#include "rpc/proto/cluster.pb.h"

namespace blixard::rpc {

// Same code, same message.
grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

// FAILED_PRECONDITION with `not_leader` in the error details.
grpc::Status NotLeaderStatus(const v1::NotLeader& not_leader);

// What NotLeaderStatus put into `status`; nothing for every other status.
std::optional<v1::NotLeader> FindNotLeader(const grpc::Status& status);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_ERROR_STATUS_H_
