#include "raft/core/node_status.h"

#include <glog/logging.h>

namespace blixard::raft {

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kFollower:
      return "follower";
    case Role::kPreCandidate:
      return "pre-candidate";
    case Role::kCandidate:
      return "candidate";
    case Role::kLeader:
      return "leader";
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
