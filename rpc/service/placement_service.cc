#include "rpc/service/placement_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/service/error_status.h"

namespace blixard::rpc {
namespace {

constexpr uint32_t kDefaultPageSize = 1000;
constexpr uint32_t kMaxPageSize = 10'000;

scheduler::Resources ToResources(const v1::Resources& resources) {
  return {.vcpu_milli = resources.vcpu_milli(),
          .memory_mib = resources.memory_mib(),
          .disk_gib = resources.disk_gib()};
}

void FillIn(const scheduler::Resources& resources, v1::Resources* message) {
  message->set_vcpu_milli(resources.vcpu_milli);
  message->set_memory_mib(resources.memory_mib);
  message->set_disk_gib(resources.disk_gib);
}

void FillIn(const scheduler::VmDetails& vm, v1::Vm* message) {
  message->set_vm_id(static_cast<uint64_t>(vm.id));
  message->set_name(std::string(vm.name.view()));
  FillIn(vm.resources, message->mutable_resources());
  message->set_node_id(static_cast<uint32_t>(vm.node));
  message->set_node_name(std::string(vm.node_name.view()));
}

void FillIn(const scheduler::NodeDetails& node, v1::Node* message) {
  message->set_node_id(static_cast<uint32_t>(node.id));
  message->set_name(std::string(node.name.view()));
  FillIn(node.capacity, message->mutable_capacity());
  FillIn(node.used, message->mutable_used());
  message->set_vms(node.vms);
}

// What every change has: its id and the name of what it is about.
template <class Message>
scheduler::Request ToRequest(scheduler::RequestOp op, const Message& message) {
  return {.op = op,
          .id = {.client_id = message.request_id().client_id(),
                 .sequence = message.request_id().sequence()},
          .name = message.name()};
}

template <class Message>
absl::StatusOr<scheduler::PageRequest> ToPage(const Message& message) {
  if (message.page_size() > kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size: want 0 to ", kMaxPageSize, ", got ", message.page_size()));
  }
  const uint32_t size = message.page_size() == 0 ? kDefaultPageSize : message.page_size();
  return scheduler::PageRequest{.page_token = message.page_token(), .page_size = size};
}

grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context, const grpc::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

}  // namespace

PlacementService::PlacementService(raft::Replica& replica,
                                   const scheduler::PlacementStateMachine& state,
                                   std::function<v1::NotLeader()> find_leader)
    : calls_(replica, std::move(find_leader)), state_(state) {
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
  const absl::Status valid = scheduler::ValidateName({.field = "name", .value = request->name()});
  if (!valid.ok()) return Finish(context, ToGrpcStatus(valid));
  const scheduler::VmReading reading = state_.FindVm(request->name());
  if (!reading.vm.has_value()) {
    return Finish(context, {grpc::StatusCode::NOT_FOUND,
                            absl::StrCat("name: want a VM that exists, got ", request->name())});
  }
  FillIn(*reading.vm, response->mutable_vm());
  response->set_applied_index(reading.applied_index.value);
  return Finish(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* PlacementService::ListVms(grpc::CallbackServerContext* context,
                                                    const v1::ListVmsRequest* request,
                                                    v1::ListVmsResponse* response) {
  const absl::StatusOr<scheduler::PageRequest> page = ToPage(*request);
  if (!page.ok()) return Finish(context, ToGrpcStatus(page.status()));
  const scheduler::PageEnd end = state_.ListVms(
      *page, [response](const scheduler::VmDetails& vm) { FillIn(vm, response->add_vms()); });
  response->set_next_page_token(end.next_page_token);
  response->set_applied_index(end.applied_index.value);
  return Finish(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* PlacementService::ListNodes(grpc::CallbackServerContext* context,
                                                      const v1::ListNodesRequest* request,
                                                      v1::ListNodesResponse* response) {
  const absl::StatusOr<scheduler::PageRequest> page = ToPage(*request);
  if (!page.ok()) return Finish(context, ToGrpcStatus(page.status()));
  const scheduler::PageEnd end = state_.ListNodes(
      *page,
      [response](const scheduler::NodeDetails& node) { FillIn(node, response->add_nodes()); });
  response->set_next_page_token(end.next_page_token);
  response->set_applied_index(end.applied_index.value);
  return Finish(context, grpc::Status::OK);
}

}  // namespace blixard::rpc
