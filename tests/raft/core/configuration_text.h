// Configurations and changes read back from the text that raft/core prints, for tests.
#ifndef BLIXARD_TESTS_RAFT_CORE_CONFIGURATION_TEXT_H_
#define BLIXARD_TESTS_RAFT_CORE_CONFIGURATION_TEXT_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/types.h"

namespace blixard::raft {

std::vector<ReplicaId> ReplicaIds(const std::vector<uint64_t>& numbers);

// "voters=(1 2 3)&&(1 2) learners=(4) learners_next=(3) autoleave"; any part may be left out.
// CHECKs that the text can be read, not that the configuration makes sense.
Configuration ParseConfiguration(absl::string_view text);

// "add_voter=4 add_learner=2,3 remove=1 transition=joint_explicit", "leave"; the order counts.
ConfigurationChange ParseConfigurationChange(absl::string_view text);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_CONFIGURATION_TEXT_H_
