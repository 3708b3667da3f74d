#include "tests/simulation/disk_operator.h"

#include <algorithm>

#include "raft/core/configuration.h"

namespace blixard::raft {
namespace {

constexpr VirtualTime kLooksAgain = kSecond / 2;
constexpr uint64_t kCaughtUp = 20;  // entries that may be missing still

bool HasCaughtUp(const VirtualReplica& leader, ReplicaId id) {
  const NodeStatus status = leader.node().GetStatus();
  return std::any_of(status.peers.begin(), status.peers.end(), [&](const PeerStatus& peer) {
    return peer.id == id && peer.match > LogIndex{0} &&
           peer.match + kCaughtUp >= leader.node().last_index();
  });
}

}  // namespace

void DiskOperator::LookAfter(uint32_t index) {
  if (const VirtualReplica* leader = room_.Leader()) Proceed(index, *leader);
  if (room_.at(index).rejoins) agenda_.After(kLooksAgain, EventKind::kOperator, index);
}

void DiskOperator::Proceed(uint32_t index, const VirtualReplica& leader) {
  Machine& machine = room_.at(index);
  const ReplicaId id = machine.replica->id();
  const Configuration& group = leader.node().configuration();
  const bool member = group.HasMember(id);
  if (machine.disk == Machine::Disk::kLost) {
    if (!member) return Replace(index);
    if (machine.replica->running() && machine.replica->node().LostData()) {
      coverage_.Hit(Rare::kLossTold);
    }
    return Ask(MemberChangeType::kRemove, id);
  }
  if (!member) return Ask(MemberChangeType::kAddLearner, id);
  if (group.HasVoter(id)) {
    machine.rejoins = false;
    coverage_.Hit(Rare::kLostReplicaRejoined);
    return;
  }
  // While its disk is in doubt the group must not come to need it.
  const bool sound = machine.disk == Machine::Disk::kSound;
  if (sound && HasCaughtUp(leader, id)) Ask(MemberChangeType::kAddVoter, id);
}

// What it has received since it came back blank it received as the member it is no more.
void DiskOperator::Replace(uint32_t index) {
  Machine& machine = room_.at(index);
  machine.replica->End();
  machine.replica->BeginAnew();
  machine.disk = Machine::Disk::kSound;
  agenda_.After(kLooksAgain, EventKind::kRestart, index);
}

void DiskOperator::Ask(MemberChangeType type, ReplicaId id) {
  room_.AskLeader({.kind = ReplicaRequest::Kind::kChangeMembers,
                   .change = {.changes = {{.type = type, .id = id}}}});
}

}  // namespace blixard::raft
