#include "rpc/cli/placement_report.h"

namespace blixard::rpc {
namespace {

v1::ShownVm Describe(const v1::Vm& vm) {
  v1::ShownVm described;
  described.set_vm_id(static_cast<double>(vm.vm_id()));
  described.set_name(vm.name());
  *described.mutable_resources() = vm.resources();
  described.set_node_id(vm.node_id());
  described.set_node_name(vm.node_name());
  return described;
}

// What every read says besides.
void DescribeRead(const auto& answer, auto& described) {
  described.set_applied_index(static_cast<double>(answer.applied_index()));
  described.set_consistency(answer.consistency());
}

}  // namespace

v1::VmCreated Describe(const v1::CreateVmResponse& created) {
  v1::VmCreated described;
  if (created.has_placement()) {
    described.mutable_placement()->set_vm_id(static_cast<double>(created.placement().vm_id()));
    described.mutable_placement()->set_node_id(created.placement().node_id());
  } else {
    *described.mutable_no_fit() = created.no_fit();
  }
  return described;
}

v1::VmShown Describe(const v1::GetVmResponse& found) {
  v1::VmShown described;
  *described.mutable_vm() = Describe(found.vm());
  DescribeRead(found, described);
  return described;
}

v1::VmsListed Describe(const v1::ListVmsResponse& listed) {
  v1::VmsListed described;
  for (const v1::Vm& vm : listed.vms()) *described.add_vms() = Describe(vm);
  DescribeRead(listed, described);
  return described;
}

v1::NodesListed Describe(const v1::ListNodesResponse& listed) {
  v1::NodesListed described;
  *described.mutable_nodes() = listed.nodes();
  DescribeRead(listed, described);
  return described;
}

}  // namespace blixard::rpc
