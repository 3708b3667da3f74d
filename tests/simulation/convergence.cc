#include "tests/simulation/convergence.h"

#include "absl/strings/str_cat.h"
#include "raft/core/configuration.h"

namespace blixard::raft {
namespace {

// Empty: it has what `leader` has.
std::string WhyBehind(const VirtualReplica& replica, const VirtualReplica& leader) {
  const std::string name = absl::StrCat("replica ", static_cast<uint64_t>(replica.id()));
  if (!replica.running()) return absl::StrCat(name, " is down");
  if (&replica != &leader && replica.node().role() == Role::kLeader) return "two replicas lead";
  if (replica.applied() != leader.node().last_index()) {
    return absl::StrCat(name, " applied ", replica.applied().value, " of ",
                        leader.node().last_index().value);
  }
  return replica.state_digest() == leader.state_digest() ? "" : "states differ";
}

}  // namespace

std::string WhyNotConverged(const MachineRoom& room) {
  const VirtualReplica* leader = room.Leader();
  if (leader == nullptr) return "nobody leads";
  const Configuration& group = leader->node().configuration();
  if (group.IsJoint()) return absl::StrCat("the group is joint: ", ToString(group));
  for (const Machine& machine : room.machines()) {
    if (machine.rejoins) {
      return absl::StrCat("replica ", static_cast<uint64_t>(machine.replica->id()),
                          " has a new disk and is no voter yet");
    }
    if (!group.HasMember(machine.replica->id())) continue;
    std::string why = WhyBehind(*machine.replica, *leader);
    if (!why.empty()) return why;
  }
  return "";
}

std::string DescribedAll(const MachineRoom& room) {
  std::string text;
  for (const Machine& machine : room.machines()) {
    const VirtualReplica& replica = *machine.replica;
    absl::StrAppend(&text, "; replica ", static_cast<uint64_t>(replica.id()), " ");
    if (machine.disk == Machine::Disk::kLost) absl::StrAppend(&text, "lost its disk and ");
    if (!replica.running()) {
      absl::StrAppend(&text, "is down");
      continue;
    }
    const RawNode& node = replica.node();
    absl::StrAppend(&text, RoleName(node.role()), " of term ", node.term().value, ", log ",
                    node.log().first_index().value, " to ", node.last_index().value, ", commit ",
                    node.commit_index().value, ", applied ", replica.applied().value, ", ",
                    ToString(node.configuration()), node.LostData() ? ", lost data" : "");
  }
  return text;
}

}  // namespace blixard::raft
