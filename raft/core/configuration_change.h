// What may become of a configuration in one step, and the arithmetic that carries it out.
// Everything here is pure: every replica that applies the same changes in the same order gets the
// same configurations. Steps keep one rule: any quorum of a configuration meets any quorum of its
// successor (paper, section 6; Ongaro's thesis, section 4), so two leaders never decide apart.
#ifndef BLIXARD_RAFT_CORE_CONFIGURATION_CHANGE_H_
#define BLIXARD_RAFT_CORE_CONFIGURATION_CHANGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "raft/core/configuration.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Whoever already is what a change wants, stays it, when it is applied. Who proposes one is told
// before, see CheckChangesSomething.
enum class MemberChangeType : uint8_t {
  kAddVoter = 1,    // promotes a learner
  kAddLearner = 2,  // demotes a voter
  kRemove = 3,
};

struct MemberChange {
  MemberChangeType type;
  ReplicaId id;
  // Where the member is reached from now on. Empty: as before; a new member has none in the log
  // then. With the role that the member has already, only the address changes. Not with kRemove.
  std::string address = {};
  bool operator==(const MemberChange&) const = default;
};

enum class Transition : uint8_t {
  kAuto = 0,           // in one step if at most one voter comes or goes, else as kJointImplicit
  kJointImplicit = 1,  // through a joint configuration that the leader leaves by itself
  kJointExplicit = 2,  // through one that stays until a change without members leaves it
};

// The payload of an entry of type kConfiguration.
struct ConfigurationChange {
  Transition transition = Transition::kAuto;
  std::vector<MemberChange> changes = {};  // none = leave the joint configuration

  bool operator==(const ConfigurationChange&) const = default;
  bool IsLeave() const { return changes.empty(); }
};

// "add_voter=4@host:7004 remove=1 transition=joint_explicit", "leave".
std::string ToString(const ConfigurationChange& change);

// kInvalidArgument naming the field: unknown type or transition, id 0, a replica named twice, a
// transition without changes, more changes than kMaxMembers, an address that is too long or comes
// with a removal.
absl::Status CheckConfigurationChange(const ConfigurationChange& change);

// For whoever proposes: an entry that changes nothing is no answer to a mistyped id. Names the
// first part of `change` without effect on `from`: kAlreadyExists for a member that has that role
// and address, kNotFound for the removal of nobody. Applying ignores it, so that every replica
// makes the same of what older versions wrote.
absl::Status CheckChangesSomething(const Configuration& from, const ConfigurationChange& change);

// The three steps, each from a configuration that passes CheckConfiguration (CHECKed) to another.
// Errors: kFailedPrecondition when `from` is joint and must not be, or the reverse;
// kInvalidArgument when the change itself is bad, would leave no voter, or makes more than
// kMaxMembers; ChangeSimple also when more than one voter comes or goes.
absl::StatusOr<Configuration> ChangeSimple(const Configuration& from,
                                           absl::Span<const MemberChange> changes);
enum class Leave : uint8_t { kExplicit, kAutomatic };
absl::StatusOr<Configuration> EnterJoint(const Configuration& from,
                                         absl::Span<const MemberChange> changes, Leave leave);
absl::StatusOr<Configuration> LeaveJoint(const Configuration& from);

// Decides which of the three `change` asks for, and takes it.
absl::StatusOr<Configuration> Apply(const Configuration& from, const ConfigurationChange& change);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_CONFIGURATION_CHANGE_H_
