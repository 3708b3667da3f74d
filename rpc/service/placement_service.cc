#include "rpc/service/placement_service.h"

#include <utility>

#include "raft/runtime/read_listener.h"
#include "scheduler/core/resources.h"
#include "scheduler/replicated/request.h"

namespace blixard::rpc {
namespace {

scheduler::Resources ToResources(const v1::Resources& resources) {
  return {.vcpu_milli = resources.vcpu_milli(),
          .memory_mib = resources.memory_mib(),
          .disk_gib = resources.disk_gib()};
}

// What every change has: its id and the name of what it is about.
template <class Message>
scheduler::Request ToRequest(scheduler::RequestOp op, const Message& message) {
  return {.op = op,
          .id = {.client_id = message.request_id().client_id(),
                 .sequence = message.request_id().sequence()},
          .name = message.name()};
}

}  // namespace

PlacementService::PlacementService(raft::Replica& replica,
                                   const scheduler::PlacementStateMachine& state,
                                   std::function<v1::NotLeader()> find_leader)
    : calls_(replica, std::move(find_leader)),
      reads_([&replica](const raft::ReadRequest& read) { return replica.Read(read); }, state) {
  SetMessageAllocatorFor_GetVm(&get_vm_messages_);
  SetMessageAllocatorFor_CreateVm(&create_vm_messages_);
  SetMessageAllocatorFor_DeleteVm(&delete_vm_messages_);
}

grpc::ServerUnaryReactor* PlacementService::RegisterNode(grpc::CallbackServerContext* context,
                                                         const v1::RegisterNodeRequest* request,
                                                         v1::RegisterNodeResponse* response) {
  scheduler::Request change = ToRequest(scheduler::RequestOp::kRegisterNode, *request);
  change.resources = ToResources(request->capacity());
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  calls_.Start(change, reactor, response);
  return reactor;
}

grpc::ServerUnaryReactor* PlacementService::RemoveNode(grpc::CallbackServerContext* context,
                                                       const v1::RemoveNodeRequest* request,
                                                       v1::RemoveNodeResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  calls_.Start(ToRequest(scheduler::RequestOp::kRemoveNode, *request), reactor, response);
  return reactor;
}

grpc::ServerUnaryReactor* PlacementService::CreateVm(grpc::CallbackServerContext* context,
                                                     const v1::CreateVmRequest* request,
                                                     v1::CreateVmResponse* response) {
  scheduler::Request change = ToRequest(scheduler::RequestOp::kCreateVm, *request);
  change.resources = ToResources(request->resources());
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  calls_.Start(change, reactor, response);
  return reactor;
}

grpc::ServerUnaryReactor* PlacementService::DeleteVm(grpc::CallbackServerContext* context,
                                                     const v1::DeleteVmRequest* request,
                                                     v1::DeleteVmResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  calls_.Start(ToRequest(scheduler::RequestOp::kDeleteVm, *request), reactor, response);
  return reactor;
}

grpc::ServerUnaryReactor* PlacementService::GetVm(grpc::CallbackServerContext* context,
                                                  const v1::GetVmRequest* request,
                                                  v1::GetVmResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reads_.Start(*request, reactor, response);
  return reactor;
}

grpc::ServerUnaryReactor* PlacementService::ListVms(grpc::CallbackServerContext* context,
                                                    const v1::ListVmsRequest* request,
                                                    v1::ListVmsResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reads_.Start(*request, reactor, response);
  return reactor;
}

grpc::ServerUnaryReactor* PlacementService::ListNodes(grpc::CallbackServerContext* context,
                                                      const v1::ListNodesRequest* request,
                                                      v1::ListNodesResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reads_.Start(*request, reactor, response);
  return reactor;
}

}  // namespace blixard::rpc
