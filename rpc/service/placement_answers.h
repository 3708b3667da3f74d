// What the placement service answers to reads, from the state of one replica as it is now.
#ifndef BLIXARD_RPC_SERVICE_PLACEMENT_ANSWERS_H_
#define BLIXARD_RPC_SERVICE_PLACEMENT_ANSWERS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "rpc/proto/placement.pb.h"
#include "scheduler/replicated/placement_state_machine.h"

namespace blixard::rpc {

// kInvalidArgument naming field, expectation and value.
absl::Status CheckRead(const v1::GetVmRequest& request);
absl::Status CheckRead(const v1::ListVmsRequest& request);
absl::Status CheckRead(const v1::ListNodesRequest& request);

// Fills in `response` for a request that CheckRead passed. How new the state is, is the caller's
// concern: the response says what the request asked for.
grpc::Status AnswerRead(const scheduler::PlacementStateMachine& state,
                        const v1::GetVmRequest& request, v1::GetVmResponse* response);
grpc::Status AnswerRead(const scheduler::PlacementStateMachine& state,
                        const v1::ListVmsRequest& request, v1::ListVmsResponse* response);
grpc::Status AnswerRead(const scheduler::PlacementStateMachine& state,
                        const v1::ListNodesRequest& request, v1::ListNodesResponse* response);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_PLACEMENT_ANSWERS_H_
