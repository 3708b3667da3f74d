// What one replica tells about itself (rpc/proto/cluster.proto).
#ifndef BLIXARD_RPC_SERVICE_CLUSTER_SERVICE_H_
#define BLIXARD_RPC_SERVICE_CLUSTER_SERVICE_H_

#include <cstdint>
#include <functional>

#include "raft/runtime/replica.h"
#include "rpc/proto/cluster.grpc.pb.h"
#include "scheduler/replicated/placement_state_machine.h"

namespace blixard::rpc {

// Thread-safe. All it is given outlives the server.
class ClusterService : public v1::Cluster::CallbackService {
 public:
  // `log_file_bytes` is the size of each file of the replica's log.
  ClusterService(raft::Replica& replica, const scheduler::PlacementStateMachine& state,
                 std::function<v1::NotLeader()> find_leader, uint64_t log_file_bytes)
      : replica_(replica),
        state_(state),
        find_leader_(std::move(find_leader)),
        log_file_bytes_(log_file_bytes) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::ReplicaStatus* response) override;

 private:
  raft::Replica& replica_;
  const scheduler::PlacementStateMachine& state_;
  const std::function<v1::NotLeader()> find_leader_;
  const uint64_t log_file_bytes_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_CLUSTER_SERVICE_H_
