#include "rpc/service/placement_answers.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "scheduler/replicated/request.h"

namespace blixard::rpc {
namespace {

constexpr uint32_t kDefaultPageSize = 1000;
constexpr uint32_t kMaxPageSize = 10'000;

// Into the string that is there: set_name would make one more.
void CopyName(absl::string_view name, std::string* into) { into->assign(name.data(), name.size()); }

void FillIn(const scheduler::Resources& resources, v1::Resources* message) {
  message->set_vcpu_milli(resources.vcpu_milli);
  message->set_memory_mib(resources.memory_mib);
  message->set_disk_gib(resources.disk_gib);
}

void FillIn(const scheduler::VmDetails& vm, v1::Vm* message) {
  message->set_vm_id(static_cast<uint64_t>(vm.id));
  CopyName(vm.name.view(), message->mutable_name());
  FillIn(vm.resources, message->mutable_resources());
  message->set_node_id(static_cast<uint32_t>(vm.node));
  CopyName(vm.node_name.view(), message->mutable_node_name());
}

void FillIn(const scheduler::NodeDetails& node, v1::Node* message) {
  message->set_node_id(static_cast<uint32_t>(node.id));
  CopyName(node.name.view(), message->mutable_name());
  FillIn(node.capacity, message->mutable_capacity());
  FillIn(node.used, message->mutable_used());
  message->set_vms(node.vms);
}

template <class Request>
absl::Status CheckConsistency(const Request& request) {
  if (v1::Consistency_IsValid(request.consistency())) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("consistency: want CONSISTENCY_LINEARIZABLE (", v1::CONSISTENCY_LINEARIZABLE,
                   ") or CONSISTENCY_STALE (", v1::CONSISTENCY_STALE, "), got ",
                   static_cast<int>(request.consistency())));
}

template <class Request>
absl::Status CheckPage(const Request& request) {
  if (request.page_size() > kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size: want 0 to ", kMaxPageSize, ", got ", request.page_size()));
  }
  return CheckConsistency(request);
}

template <class Request>
scheduler::PageRequest ToPage(const Request& request) {
  return {.page_token = request.page_token(),
          .page_size = request.page_size() == 0 ? kDefaultPageSize : request.page_size()};
}

template <class Request, class Response>
void FillIn(const scheduler::PageEnd& end, const Request& request, Response* response) {
  response->set_next_page_token(end.next_page_token);
  response->set_applied_index(end.applied_index.value);
  response->set_consistency(request.consistency());
}

}  // namespace

absl::Status CheckRead(const v1::GetVmRequest& request) {
  absl::Status valid = scheduler::ValidateName({.field = "name", .value = request.name()});
  return valid.ok() ? CheckConsistency(request) : valid;
}

absl::Status CheckRead(const v1::ListVmsRequest& request) { return CheckPage(request); }

absl::Status CheckRead(const v1::ListNodesRequest& request) { return CheckPage(request); }

grpc::Status AnswerRead(const scheduler::PlacementStateMachine& state,
                        const v1::GetVmRequest& request, v1::GetVmResponse* response) {
  const scheduler::VmReading reading = state.FindVm(request.name());
  if (!reading.vm.has_value()) {
    return {grpc::StatusCode::NOT_FOUND,
            absl::StrCat("name: want a VM that exists, got ", request.name())};
  }
  FillIn(*reading.vm, response->mutable_vm());
  response->set_applied_index(reading.applied_index.value);
  response->set_consistency(request.consistency());
  return grpc::Status();  // grpc::Status::OK would be copied, strings and all
}

grpc::Status AnswerRead(const scheduler::PlacementStateMachine& state,
                        const v1::ListVmsRequest& request, v1::ListVmsResponse* response) {
  const auto add = [response](const scheduler::VmDetails& vm) { FillIn(vm, response->add_vms()); };
  FillIn(state.ListVms(ToPage(request), add), request, response);
  return grpc::Status();
}

grpc::Status AnswerRead(const scheduler::PlacementStateMachine& state,
                        const v1::ListNodesRequest& request, v1::ListNodesResponse* response) {
  const auto add = [response](const scheduler::NodeDetails& node) {
    FillIn(node, response->add_nodes());
  };
  FillIn(state.ListNodes(ToPage(request), add), request, response);
  return grpc::Status();
}

}  // namespace blixard::rpc
