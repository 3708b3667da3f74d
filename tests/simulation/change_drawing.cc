#include "tests/simulation/change_drawing.h"

#include <algorithm>
#include <set>

#include "raft/core/split_mix.h"

namespace blixard::raft {

namespace {

bool HasReceivedLog(const NodeStatus& status, ReplicaId id) {
  return std::any_of(status.peers.begin(), status.peers.end(), [id](const PeerStatus& peer) {
    return peer.id == id && peer.match > LogIndex{0};
  });
}

}  // namespace

ConfigurationChange DrawChange(const Configuration& now, const NodeStatus& status,
                               const ChangeSeed& seed) {
  SplitMix random(seed.seed);
  ConfigurationChange change;
  if (now.IsJoint()) return change;  // leave it
  const uint64_t wanted = random.Below(3) == 0 ? 2 + random.Below(2) : 1;
  size_t voters = now.voters.size();
  std::set<ReplicaId> named;
  for (uint64_t i = 0; i < wanted; ++i) {
    const ReplicaId id{1 + random.Below(seed.replicas)};
    if (!named.insert(id).second) continue;
    MemberChange step{.type = MemberChangeType::kAddVoter, .id = id};
    if (now.HasVoter(id)) {
      if (voters <= 1) continue;
      --voters;
      step.type = random.Below(2) == 0 ? MemberChangeType::kRemove : MemberChangeType::kAddLearner;
    } else if (!HasReceivedLog(status, id)) {
      step.type = MemberChangeType::kAddLearner;
    } else {
      ++voters;
    }
    change.changes.push_back(step);
  }
  if (change.changes.empty()) {
    change.changes.push_back({.type = MemberChangeType::kAddVoter, .id = now.voters.front()});
  }
  change.transition = static_cast<Transition>(random.Below(3));
  return change;
}

}  // namespace blixard::raft
