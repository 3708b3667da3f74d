#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/allocations/subjects.h"
#include "memory_optimization/allocation_tracker.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::bench {
namespace {

struct Proposal {
  std::string id;
  std::string request;
  std::map<std::string, std::string> metadata;
  std::function<void(const std::string& outcome)> answer;
};

struct Vm {
  std::string name;
  std::string status = "pending";
  std::map<std::string, std::string> labels;
  uint32_t vcpu_milli = 1'000;
  uint32_t memory_mib = 1'024;
};

struct Node {
  std::string name;
  uint32_t free_vcpu_milli = 4'000;
  uint32_t free_memory_mib = 8'192;
};

struct Decision {
  std::string vm;
  std::string node;
  std::string reason;
  std::vector<std::string> alternatives;
};

v1::CreateVmRequest RequestFor(size_t i) {
  v1::CreateVmRequest request;
  request.mutable_request_id()->set_client_id(7);
  request.mutable_request_id()->set_sequence(i + 1);
  request.set_name(VmName(i));
  request.mutable_resources()->set_vcpu_milli(1'000);
  request.mutable_resources()->set_memory_mib(1'024);
  return request;
}

std::unique_ptr<Proposal> NewProposal(size_t i, std::string& outcomes) {
  auto proposal = std::make_unique<Proposal>();
  proposal->id = fmt::format("proposal-{:08}-{:08}", 7, i);
  proposal->request = RequestFor(i).SerializeAsString();
  proposal->metadata["operation"] = "create_vm";
  proposal->answer = [&outcomes](const std::string& outcome) { outcomes = outcome; };
  return proposal;
}

Vm NewVm(size_t i) {
  Vm vm;
  vm.name = VmName(i);
  vm.labels["tenant"] = "tenant-of-the-benchmark";
  return vm;
}

// Filters, sorts and explains, as a first scheduler does.
Decision Decide(const Vm& vm, const std::vector<Node>& nodes) {
  std::vector<Node> candidates;
  for (const Node& node : nodes) {
    const bool fits =
        node.free_vcpu_milli >= vm.vcpu_milli && node.free_memory_mib >= vm.memory_mib;
    if (fits) candidates.push_back(node);
  }
  Decision decision;
  decision.vm = vm.name;
  decision.node = candidates.front().name;
  decision.reason = fmt::format("{} of {} nodes fit", candidates.size(), nodes.size());
  for (size_t i = 1; i < candidates.size() && i <= 3; ++i) {
    decision.alternatives.push_back(candidates[i].name);
  }
  return decision;
}

void Reserve(const Decision& decision, const Vm& vm, std::vector<Node>& nodes) {
  for (Node& node : nodes) {
    if (node.name != decision.node) continue;
    node.free_vcpu_milli -= vm.vcpu_milli;
    node.free_memory_mib -= vm.memory_mib;
    return;
  }
}

}  // namespace

uint64_t CountNaiveProposals() {
  std::string outcome;
  memory::AllocationTracker tracker("naive proposals");
  for (size_t i = 0; i < kProposals; ++i) NewProposal(i, outcome)->answer("");
  return tracker.Finish().allocations;
}

uint64_t CountNaiveScheduling() {
  std::vector<Node> nodes(kNodes);
  for (size_t i = 0; i < kNodes; ++i) nodes[i].name = NodeName(i);
  memory::AllocationTracker tracker("naive scheduling");
  for (size_t i = 0; i < kVms; ++i) {
    Vm vm = NewVm(i);
    const Decision decision = Decide(vm, nodes);
    Reserve(decision, vm, nodes);
    vm.status = fmt::format("running on {}", decision.node);
  }
  return tracker.Finish().allocations;
}

uint64_t CountNaiveSerialization() {
  std::vector<v1::CreateVmRequest> requests;
  for (size_t i = 0; i < kBatchEntries; ++i) requests.push_back(RequestFor(i));
  memory::AllocationTracker tracker("naive serialization");
  std::string batch;
  for (const v1::CreateVmRequest& request : requests) batch += request.SerializeAsString() + '\n';
  const std::string on_the_wire = batch;
  // The receiving side.
  for (size_t i = 0; i < kBatchEntries; ++i) {
    v1::CreateVmRequest received;
    received.ParseFromString(requests[i].SerializeAsString());
  }
  return tracker.Finish().allocations;
}

}  // namespace blixard::bench
