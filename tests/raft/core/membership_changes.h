// Changes of membership in the fewest words.
#ifndef BLIXARD_TESTS_RAFT_CORE_MEMBERSHIP_CHANGES_H_
#define BLIXARD_TESTS_RAFT_CORE_MEMBERSHIP_CHANGES_H_

#include <cstdint>

#include "raft/core/configuration_change.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"

namespace blixard::raft {

ConfigurationChange One(MemberChangeType type, uint64_t id);
// Adds one voter and removes another, through a joint configuration.
ConfigurationChange Swap(uint64_t in, uint64_t out);
Entry ChangeEntry(const EntryId& id, const ConfigurationChange& change);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_MEMBERSHIP_CHANGES_H_
