// Holds what every replica has against what the client was told.
#ifndef BLIXARD_RPC_CLI_VERIFICATION_H_
#define BLIXARD_RPC_CLI_VERIFICATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "rpc/cli/replay.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/placement.pb.h"
#include "scheduler/traces/trace.h"

namespace blixard::rpc {

// What one replica says it has.
struct ReplicaContent {
  std::string address;
  v1::ReplicaStatus status;
  std::vector<v1::Node> nodes;
  std::vector<v1::Vm> vms;
};

// Waits until all replicas have applied the same command, then reads each. The replicas must be
// left alone meanwhile. Errors: kDeadlineExceeded when they do not come together within `timeout`
// (says how far each is), else those of the reads.
absl::StatusOr<std::vector<ReplicaContent>> ReadReplicas(const std::vector<std::string>& addresses,
                                                         absl::Duration timeout);

struct Verdict {
  bool digests_equal = false;
  uint32_t vms_lost = 0;  // acknowledged, and missing on some replica
  uint32_t vms_duplicated =
      0;  // more than once on some replica, or there although deleted or rejected
  uint32_t vms_misplaced = 0;        // with another id, node or size than was acknowledged
  uint32_t nodes_overcommitted = 0;  // on some replica, by the sum of the VMs listed there

  bool clean() const {
    return digests_equal && vms_lost == 0 && vms_duplicated == 0 && vms_misplaced == 0 &&
           nodes_overcommitted == 0;
  }
};

// Pure. A VM counts once however many replicas are wrong about it. VMs that are not in the trace,
// and those whose fate is unknown, are only counted into their nodes.
Verdict Verify(const scheduler::traces::Trace& trace, absl::Span<const ReplayedVm> acknowledged,
               absl::Span<const ReplicaContent> replicas);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_VERIFICATION_H_
