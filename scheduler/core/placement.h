// Chooses the node of one VM: best fit, the choice that leaves the least behind.
#ifndef BLIXARD_SCHEDULER_CORE_PLACEMENT_H_
#define BLIXARD_SCHEDULER_CORE_PLACEMENT_H_

#include <variant>

#include "scheduler/core/inventory.h"
#include "scheduler/core/no_fit.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/types.h"

namespace blixard::scheduler {

struct PlacementDecision {
  NodeId node = kNoNode;
  RegistrationId registration = kNoRegistration;  // of that node
  float remaining_share =
      0;  // what would be left of the node, over its resources; lower is tighter
};

using Placement = std::variant<PlacementDecision, NoFit>;

// Takes the node with the smallest share left after placement: the sum over vCPU, memory and (where
// the node has any) disk of free / capacity; of equals, the lowest id. `want` must be valid
// (CHECKed). Scans every node, without allocating. The share is a float: what stands in the log is
// the node, never the share.
Placement PlaceBestFit(const Inventory& inventory, const Resources& want);

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_PLACEMENT_H_
