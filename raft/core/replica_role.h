// The roles of a replica as texts, for status reports, labels and messages: handles that compare in
// one instruction, valid before main.
#ifndef BLIXARD_RAFT_CORE_REPLICA_ROLE_H_
#define BLIXARD_RAFT_CORE_REPLICA_ROLE_H_

#include <array>

#include "memory_optimization/interned_constant.h"
#include "memory_optimization/interned_string.h"

namespace blixard::raft::replica_role {

inline constexpr memory::InternedString kFollower = memory::kInterned<"follower">;
inline constexpr memory::InternedString kPreCandidate = memory::kInterned<"pre-candidate">;
inline constexpr memory::InternedString kCandidate = memory::kInterned<"candidate">;
inline constexpr memory::InternedString kLeader = memory::kInterned<"leader">;
inline constexpr memory::InternedString kLearner = memory::kInterned<"learner">;

// For StringPool::Adopt: the pool then gives these very handles for their texts.
inline constexpr std::array kAll = {kFollower, kPreCandidate, kCandidate, kLeader, kLearner};

}  // namespace blixard::raft::replica_role

#endif  // BLIXARD_RAFT_CORE_REPLICA_ROLE_H_
