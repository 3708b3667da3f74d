// Whether the replicas of a healed world have come together again.
#ifndef BLIXARD_TESTS_SIMULATION_CONVERGENCE_H_
#define BLIXARD_TESTS_SIMULATION_CONVERGENCE_H_

#include <string>

#include "tests/simulation/machine_room.h"

namespace blixard::raft {

// One leader, everybody in its group up and with its state, nothing left for the operator to do;
// else why not.
std::string WhyNotConverged(const MachineRoom& room);

// Each replica, for whoever has to find out why.
std::string DescribedAll(const MachineRoom& room);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_CONVERGENCE_H_
