#include "raft/core/node_status.h"

#include <glog/logging.h>

#include "raft/core/replica_role.h"

namespace blixard::raft {

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kFollower:
      return replica_role::kFollower.view();
    case Role::kPreCandidate:
      return replica_role::kPreCandidate.view();
    case Role::kCandidate:
      return replica_role::kCandidate.view();
    case Role::kLeader:
      return replica_role::kLeader.view();
  }
  LOG(FATAL) << "role " << static_cast<int>(role);
}

absl::string_view ProgressStateName(ProgressState state) {
  switch (state) {
    case ProgressState::kProbe:
      return "probe";
    case ProgressState::kReplicate:
      return "replicate";
    case ProgressState::kSnapshot:
      return "snapshot";
  }
  LOG(FATAL) << "progress state " << static_cast<int>(state);
}

absl::string_view PauseReasonName(PauseReason reason) {
  switch (reason) {
    case PauseReason::kNone:
      return "none";
    case PauseReason::kProbeUnanswered:
      return "probe-unanswered";
    case PauseReason::kInflightMessages:
      return "inflight-messages";
    case PauseReason::kInflightBytes:
      return "inflight-bytes";
    case PauseReason::kSnapshotPending:
      return "snapshot-pending";
    case PauseReason::kSilent:
      return "silent";
  }
  LOG(FATAL) << "pause reason " << static_cast<int>(reason);
}

}  // namespace blixard::raft
