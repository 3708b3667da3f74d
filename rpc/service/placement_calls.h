// Changes on their way from gRPC into the log and back: the first and the last step of the data
// path.
#ifndef BLIXARD_RPC_SERVICE_PLACEMENT_CALLS_H_
#define BLIXARD_RPC_SERVICE_PLACEMENT_CALLS_H_

#include <grpcpp/support/server_callback.h>

#include <functional>

#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/replica.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/placement.pb.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/request.h"

namespace blixard::rpc {

// Thread-safe. `replica` outlives it and every call under way.
class PlacementCalls {
 public:
  // `find_leader` says whom to ask when this replica does not lead.
  PlacementCalls(raft::Replica& replica, std::function<v1::NotLeader()> find_leader)
      : replica_(replica), find_leader_(std::move(find_leader)) {}

  // Sends `request` into the log; `reactor` is finished exactly once, now or when the outcome is
  // known, `response` filled in before. Bad input is refused before anything is done.
  template <class Response>
  void Start(const scheduler::Request& request, grpc::ServerUnaryReactor* reactor,
             Response* response);

 private:
  template <class Response>
  class Pending;

  grpc::Status RefusedStatus(const absl::Status& refused) const;

  raft::Replica& replica_;
  const std::function<v1::NotLeader()> find_leader_;
};

extern template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                           v1::RegisterNodeResponse*);
extern template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                           v1::RemoveNodeResponse*);
extern template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                           v1::CreateVmResponse*);
extern template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                           v1::DeleteVmResponse*);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_PLACEMENT_CALLS_H_
