// The placement service of one replica (rpc/proto/placement.proto has the contract).
#ifndef BLIXARD_RPC_SERVICE_PLACEMENT_SERVICE_H_
#define BLIXARD_RPC_SERVICE_PLACEMENT_SERVICE_H_

#include <functional>

#include "raft/runtime/replica.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/placement.grpc.pb.h"
#include "rpc/service/placement_calls.h"
#include "rpc/service/placement_reads.h"
#include "rpc/service/pooled_messages.h"
#include "scheduler/replicated/placement_state_machine.h"

namespace blixard::rpc {

// Changes go through the log; reads are confirmed by the leader and answered from what this replica
// has applied. Thread-safe. All it
// is given outlives the server, which is shut down only after Replica::Stop has ended the open
// calls.
class PlacementService : public v1::Placement::CallbackService {
 public:
  PlacementService(raft::Replica& replica, const scheduler::PlacementStateMachine& state,
                   std::function<v1::NotLeader()> find_leader);

  grpc::ServerUnaryReactor* RegisterNode(grpc::CallbackServerContext* context,
                                         const v1::RegisterNodeRequest* request,
                                         v1::RegisterNodeResponse* response) override;
  grpc::ServerUnaryReactor* RemoveNode(grpc::CallbackServerContext* context,
                                       const v1::RemoveNodeRequest* request,
                                       v1::RemoveNodeResponse* response) override;
  grpc::ServerUnaryReactor* CreateVm(grpc::CallbackServerContext* context,
                                     const v1::CreateVmRequest* request,
                                     v1::CreateVmResponse* response) override;
  grpc::ServerUnaryReactor* DeleteVm(grpc::CallbackServerContext* context,
                                     const v1::DeleteVmRequest* request,
                                     v1::DeleteVmResponse* response) override;
  grpc::ServerUnaryReactor* GetVm(grpc::CallbackServerContext* context,
                                  const v1::GetVmRequest* request,
                                  v1::GetVmResponse* response) override;
  grpc::ServerUnaryReactor* ListVms(grpc::CallbackServerContext* context,
                                    const v1::ListVmsRequest* request,
                                    v1::ListVmsResponse* response) override;
  grpc::ServerUnaryReactor* ListNodes(grpc::CallbackServerContext* context,
                                      const v1::ListNodesRequest* request,
                                      v1::ListNodesResponse* response) override;

 private:
  PlacementCalls calls_;
  PlacementReads reads_;
  PooledMessages<v1::GetVmRequest, v1::GetVmResponse> get_vm_messages_{"get_vm_messages"};
  PooledMessages<v1::CreateVmRequest, v1::CreateVmResponse> create_vm_messages_{
      "create_vm_messages"};
  PooledMessages<v1::DeleteVmRequest, v1::DeleteVmResponse> delete_vm_messages_{
      "delete_vm_messages"};
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_PLACEMENT_SERVICE_H_
