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
  }
  LOG(FATAL) << "progress state " << static_cast<int>(state);
}

}  // namespace blixard::raft
