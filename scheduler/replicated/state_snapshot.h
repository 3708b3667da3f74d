// The state of the placement service as a stream of bytes, for snapshots:
//
//   "BXSTATE" (7 bytes), format version (1 byte)
//   max_nodes, max_vms, remembered_requests, checkpoint interval, index of the entry applied last,
//   next VM id, last registration, position of the first request that follows: 8 bytes each
//   how many nodes, VMs, requests and checkpoints follow: 8 bytes each
//   each node:       id (4), registration (8), capacity (12), name (1 + n)
//   each VM:         slot (4), id (8), node id (4), resources (12), name (1 + n)
//   each request:    client id (8), sequence (8), outcome (37)
//   each checkpoint: log index (8), digest (16)
//   digest of the state (16)
//
// Little-endian; nodes by id, VMs by slot, requests and checkpoints oldest first: equal states give
// equal bytes on every replica. Damage in between is for raft's checksums to find; what is checked
// here is that a state comes out that could have been applied, down to its digest.
#ifndef BLIXARD_SCHEDULER_REPLICATED_STATE_SNAPSHOT_H_
#define BLIXARD_SCHEDULER_REPLICATED_STATE_SNAPSHOT_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"
#include "scheduler/replicated/checkpoint_ring.h"
#include "scheduler/replicated/cluster_state.h"

namespace blixard::scheduler {

inline constexpr uint8_t kStateSnapshotVersion = 1;

// What a snapshot says; immutable.
struct StateImage {
  ClusterImage cluster;
  CheckpointRing checkpoints;
  raft::LogIndex applied{};
};

// Holds one buffer of 64 KiB, whatever the size of the state. Errors: the sink's.
absl::Status WriteState(const StateImage& image, raft::SnapshotSink& sink);

struct RestoredState {
  std::unique_ptr<ClusterState> cluster;
  CheckpointRing checkpoints;
  raft::LogIndex applied{};
};

// What of a replica's options decides outcomes, so that a snapshot must agree.
struct StateOptions {
  ClusterLimits limits{};
  uint64_t checkpoint_interval = 0;
};

// Safe on any bytes; memory in proportion to what the limits allow. Errors: kFailedPrecondition
// naming the option in which the snapshot differs; kDataLoss naming the field that WriteState would
// not have written; the source's.
absl::StatusOr<RestoredState> ReadState(raft::SnapshotSource& source, const StateOptions& options);

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_STATE_SNAPSHOT_H_
