// What the handbook tells an operator to do about a lost disk (docs/raft.md).
#ifndef BLIXARD_TESTS_SIMULATION_DISK_OPERATOR_H_
#define BLIXARD_TESTS_SIMULATION_DISK_OPERATOR_H_

#include <cstdint>

#include "raft/core/configuration_change.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/machine_room.h"

namespace blixard::raft {

// Removes the replica from the group, starts it blank, adds it as a learner and, when it has caught
// up, as a voter.
class DiskOperator {
 public:
  DiskOperator(MachineRoom& room, Agenda& agenda, Coverage& coverage)
      : room_(room), agenda_(agenda), coverage_(coverage) {}

  // One look at a machine whose disk was lost; comes again until there is nothing left to do.
  void LookAfter(uint32_t index);

 private:
  void Proceed(uint32_t index, const VirtualReplica& leader);
  void Replace(uint32_t index);
  void Ask(MemberChangeType type, ReplicaId id);

  MachineRoom& room_;
  Agenda& agenda_;
  Coverage& coverage_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_DISK_OPERATOR_H_
