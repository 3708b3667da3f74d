// Changes of membership that an operator might ask for.
#ifndef BLIXARD_TESTS_SIMULATION_CHANGE_DRAWING_H_
#define BLIXARD_TESTS_SIMULATION_CHANGE_DRAWING_H_

#include <cstdint>

#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/node_status.h"

namespace blixard::raft {

struct ChangeSeed {
  uint32_t replicas = 0;  // they have the ids from 1 on
  uint64_t seed = 0;
};

// A change for the group that the leader behind `status` leads, configured like `now`: adds,
// promotes, demotes and removes, one at a time or several at once. As the handbook says, nobody
// becomes a voter who has not received the log as a learner before: a voter without a configuration
// votes for nobody, so that the group might never elect a leader again. Leaves at least one voter.
// May be one that the group refuses.
ConfigurationChange DrawChange(const Configuration& now, const NodeStatus& status,
                               const ChangeSeed& seed);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_CHANGE_DRAWING_H_
