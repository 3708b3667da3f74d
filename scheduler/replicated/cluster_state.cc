#include "scheduler/replicated/cluster_state.h"

#include <glog/logging.h>

#include <array>

#include "absl/types/span.h"
#include "scheduler/core/names.h"
#include "scheduler/replicated/byte_cursor.h"
#include "scheduler/replicated/resources_codec.h"

namespace blixard::scheduler {
namespace {

// First byte of an element's canonical bytes, so that elements of two kinds are never equal.
enum class Kind : uint8_t { kNode = 1, kVm = 2, kRequest = 3, kCounters = 4 };

// The canonical bytes of one element of the state.
class Element {
 public:
  explicit Element(Kind kind) { writer_.Put(static_cast<uint8_t>(kind)); }
  Element(const Element&) = delete;
  Element& operator=(const Element&) = delete;

  ByteWriter& writer() { return writer_; }
  absl::string_view bytes() const { return writer_.written(); }

 private:
  std::array<char, 128> bytes_;
  ByteWriter writer_{absl::MakeSpan(bytes_)};
};

class NodeElement : public Element {
 public:
  NodeElement(const Inventory& inventory, NodeId id) : Element(Kind::kNode) {
    const NodeView node = inventory.node(id);
    writer().Put(static_cast<uint32_t>(node.id));
    writer().Put(static_cast<uint64_t>(node.registration));
    PutResources(node.capacity, writer());
    PutResources(node.used, writer());
    writer().Put(node.vm_count);
    writer().PutText(node.name);
  }
};

class VmElement : public Element {
 public:
  VmElement(const VmTable& vms, uint32_t slot) : Element(Kind::kVm) {
    const Vm& vm = vms.at(slot);
    writer().Put(slot);
    writer().Put(static_cast<uint64_t>(vm.placement.id));
    writer().Put(static_cast<uint32_t>(vm.placement.node));
    PutResources(vm.placement.resources, writer());
    writer().PutText(vm.name.view());
  }
};

class RequestElement : public Element {
 public:
  explicit RequestElement(const RecordedRequest& request) : Element(Kind::kRequest) {
    writer().Put(request.position);
    writer().Put(request.id.client_id);
    writer().Put(request.id.sequence);
    const auto outcome = EncodeOutcome(request.outcome);
    writer().PutText({outcome.data(), outcome.size()});
  }
};

class CountersElement : public Element {
 public:
  explicit CountersElement(const ClusterState& state) : Element(Kind::kCounters) {
    writer().Put(static_cast<uint64_t>(state.next_vm_id()));
    writer().Put(static_cast<uint64_t>(state.inventory().last_registration()));
  }
};

}  // namespace

ClusterState::ClusterState(const ClusterLimits& limits)
    : limits_(limits), requests_(limits.remembered_requests) {
  CHECK_LE(limits.max_nodes, Inventory::kMaxNodes);
  CHECK_LE(limits.max_vms, VmTable::kMaxVms);
}

std::optional<Outcome> ClusterState::FindOutcome(const RequestId& id) const {
  const RecordedRequest* request = requests_.Find(id);
  if (request == nullptr) return std::nullopt;
  return request->outcome;
}

std::optional<VmPlacement> ClusterState::FindVm(absl::string_view name) const {
  const uint32_t slot = vms_.Find(name);
  if (slot == VmTable::kNoSlot) return std::nullopt;
  return vms_.at(slot).placement;
}

NodeId ClusterState::AddNode(absl::string_view name, const Resources& capacity) {
  const NodeId node = inventory_.AddNode(name, capacity);
  ShowNode(node);
  return node;
}

// Of a node that is new here.
void ClusterState::ShowNode(NodeId id) {
  placements_.Add(NodeElement(inventory_, id).bytes());
  const NodeView node = inventory_.node(id);
  nodes_.Mutable(static_cast<uint32_t>(id) - 1) = {.id = id,
                                                   .registration = node.registration,
                                                   .capacity = node.capacity,
                                                   .name = InlineName(node.name)};
}

void ClusterState::RemoveNode(NodeId node) {
  placements_.Remove(NodeElement(inventory_, node).bytes());
  inventory_.RemoveNode(node);
}

void ClusterState::CreateVm(absl::string_view name, const VmPlacement& placement) {
  CHECK_EQ(placement.id, next_vm_id_);
  placements_.Remove(NodeElement(inventory_, placement.node).bytes());
  inventory_.Reserve(placement.node, placement.resources);
  placements_.Add(NodeElement(inventory_, placement.node).bytes());
  placements_.Add(VmElement(vms_, vms_.Insert(name, placement)).bytes());
  next_vm_id_ = VmId{static_cast<uint64_t>(next_vm_id_) + 1};
}

void ClusterState::DeleteVm(absl::string_view name, const VmPlacement& placement) {
  const uint32_t slot = vms_.Find(name);
  CHECK(slot != VmTable::kNoSlot && vms_.at(slot).placement == placement) << "VM " << name;
  placements_.Remove(VmElement(vms_, slot).bytes());
  placements_.Remove(NodeElement(inventory_, placement.node).bytes());
  vms_.Erase(slot);
  inventory_.Release(placement.node, placement.resources);
  placements_.Add(NodeElement(inventory_, placement.node).bytes());
}

void ClusterState::RecordOutcome(const RequestId& id, const Outcome& outcome) {
  const RecordedRequest* oldest = requests_.oldest_if_full();
  if (oldest != nullptr) recorded_.Remove(RequestElement(*oldest).bytes());
  recorded_.Add(RequestElement(requests_.Record(id, outcome)).bytes());
}

ClusterImage ClusterState::Freeze() const {
  ClusterImage image{
      .limits = limits_,
      .counters = {.next_vm_id = next_vm_id_, .last_registration = inventory_.last_registration()},
      .node_rows = inventory_.rows(),
      .nodes = nodes_,
      .vms = vms_.Freeze(),
      .requests = requests_.Freeze(),
      .digest = digest()};
  image.counters.first_request = image.requests.first_position();
  return image;
}

void ClusterState::RestoreCounters(const ClusterCounters& counters) {
  CHECK(inventory_.node_count() == 0 && vms_.size() == 0) << "restore into a state in use";
  next_vm_id_ = counters.next_vm_id;
  inventory_.RestoreLastRegistration(counters.last_registration);
  requests_.StartAt(counters.first_request);
}

void ClusterState::RestoreNode(const NodeView& node) {
  CHECK(node.registration <= inventory_.last_registration());
  inventory_.RestoreNode(node);
  ShowNode(node.id);
}

void ClusterState::RestoreVm(uint32_t slot, const Vm& vm) {
  const VmPlacement& placement = vm.placement;
  CHECK(placement.id < next_vm_id_) << "VM " << placement.id;
  placements_.Remove(NodeElement(inventory_, placement.node).bytes());
  inventory_.Reserve(placement.node, placement.resources);
  placements_.Add(NodeElement(inventory_, placement.node).bytes());
  vms_.Restore(slot, vm.name.view(), placement);
  placements_.Add(VmElement(vms_, slot).bytes());
}

StateDigest ClusterState::digest() const {
  StateDigest digest = placement_digest();
  return digest += recorded_;
}

StateDigest ClusterState::placement_digest() const {
  StateDigest digest = placements_;
  digest.Add(CountersElement(*this).bytes());
  return digest;
}

StateDigest ClusterState::requests_digest() const { return recorded_; }

StateDigest ClusterState::ComputeDigestFromScratch() const {
  StateDigest digest;
  for (NodeId id = inventory_.FirstNodeAtOrAfter(kNoNode); id != kNoNode;
       id = inventory_.FirstNodeAtOrAfter(NodeId{static_cast<uint32_t>(id) + 1})) {
    digest.Add(NodeElement(inventory_, id).bytes());
  }
  for (uint32_t slot = vms_.NextTaken(0); slot != VmTable::kNoSlot;
       slot = vms_.NextTaken(slot + 1)) {
    digest.Add(VmElement(vms_, slot).bytes());
  }
  requests_.ForEach(
      [&](const RecordedRequest& request) { digest.Add(RequestElement(request).bytes()); });
  digest.Add(CountersElement(*this).bytes());
  return digest;
}

}  // namespace blixard::scheduler
