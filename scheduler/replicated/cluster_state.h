// Everything that commands change: nodes, VMs, the outcomes remembered, and a digest over all of it
// that is kept up to date at O(1) for each command.
#ifndef BLIXARD_SCHEDULER_REPLICATED_CLUSTER_STATE_H_
#define BLIXARD_SCHEDULER_REPLICATED_CLUSTER_STATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "scheduler/core/inventory.h"
#include "scheduler/core/names.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/slot_set.h"
#include "scheduler/core/types.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/request.h"
#include "scheduler/replicated/request_table.h"
#include "scheduler/replicated/shared_pages.h"
#include "scheduler/replicated/state_digest.h"
#include "scheduler/replicated/vm_table.h"

namespace blixard::scheduler {

// Bounds of the state. They decide outcomes, so they must be the same on every replica.
struct ClusterLimits {
  size_t max_nodes = Inventory::kMaxNodes;
  size_t max_vms = VmTable::kMaxVms;
  size_t remembered_requests = kRequestTableBound;
};

struct ClusterCounters {
  VmId next_vm_id{1};
  RegistrationId last_registration = kNoRegistration;
  uint64_t first_request = 0;  // position of the oldest request remembered
};

// The whole state as of one moment, independent of the state it was made from, on any thread. Made
// in O((VMs + nodes + remembered requests) / 700); what is used on a node follows from its
// VMs.
struct ClusterImage {
  struct Node {
    NodeId id = kNoNode;
    RegistrationId registration = kNoRegistration;
    Resources capacity{};
    InlineName name{};
  };

  ClusterLimits limits{};
  ClusterCounters counters{};
  SlotSet node_rows;  // row i is that of NodeId i + 1
  SharedPages<Node> nodes;
  VmTableImage vms{};
  RequestTableImage requests{};
  StateDigest digest{};
};

// Changed only through CarryOut (judge.h), or built from a snapshot. Not thread-safe.
class ClusterState {
 public:
  explicit ClusterState(const ClusterLimits& limits);

  ClusterState(const ClusterState&) = delete;
  ClusterState& operator=(const ClusterState&) = delete;

  // What Judge asks.
  std::optional<Outcome> FindOutcome(const RequestId& id) const;
  std::optional<VmPlacement> FindVm(absl::string_view name) const;
  const Inventory& inventory() const { return inventory_; }
  size_t vm_count() const { return vms_.size(); }
  VmId next_vm_id() const { return next_vm_id_; }
  const ClusterLimits& limits() const { return limits_; }

  // What CarryOut does. Each CHECKs that Judge would have allowed it.
  NodeId AddNode(absl::string_view name, const Resources& capacity);
  void RemoveNode(NodeId node);
  void CreateVm(absl::string_view name, const VmPlacement& placement);
  void DeleteVm(absl::string_view name, const VmPlacement& placement);
  void RecordOutcome(const RequestId& id, const Outcome& outcome);

  const VmTable& vms() const { return vms_; }
  const RequestTable& requests() const { return requests_; }

  // Equal states, equal digests; the sum of the two below.
  StateDigest digest() const;

  // Nodes with what is used on them, VMs with their slots, and the counters that name the next
  // ones.
  StateDigest placement_digest() const;

  // The outcomes remembered, with their positions.
  StateDigest requests_digest() const;

  // digest(), from the contents instead of the running sums. O(everything); for tests.
  StateDigest ComputeDigestFromScratch() const;

  // Everything, as of now; see ClusterImage.
  ClusterImage Freeze() const;

  // A state that was frozen, piece by piece, on one just constructed: counters first, then nodes,
  // VMs and requests, each in the image's order. Each CHECKs what the functions of CarryOut check.
  void RestoreCounters(const ClusterCounters& counters);
  void RestoreNode(const NodeView& node);  // id, registration, name, capacity
  void RestoreVm(uint32_t slot, const Vm& vm);
  void RestoreOutcome(const RequestId& id, const Outcome& outcome) { RecordOutcome(id, outcome); }

  // Room for `vms` VMs without another allocation.
  void ReserveVms(size_t vms) { vms_.Reserve(vms); }

 private:
  void ShowNode(NodeId id);

  ClusterLimits limits_;
  Inventory inventory_;
  SharedPages<ClusterImage::Node> nodes_;  // what of the inventory a snapshot shows
  VmTable vms_;
  RequestTable requests_;
  VmId next_vm_id_{1};
  StateDigest placements_;  // running sums, without the counters
  StateDigest recorded_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_CLUSTER_STATE_H_
