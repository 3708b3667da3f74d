#include "raft/core/configuration_change.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace blixard::raft {
namespace {

using Ids = std::vector<ReplicaId>;

bool Has(const Ids& ids, ReplicaId id) { return std::binary_search(ids.begin(), ids.end(), id); }

void Insert(Ids& ids, ReplicaId id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
}

void Erase(Ids& ids, ReplicaId id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at != ids.end() && *at == id) ids.erase(at);
}

absl::string_view TypeName(MemberChangeType type) {
  switch (type) {
    case MemberChangeType::kAddVoter:
      return "add_voter";
    case MemberChangeType::kAddLearner:
      return "add_learner";
    case MemberChangeType::kRemove:
      return "remove";
  }
  return "";
}

absl::Status CheckChange(const MemberChange& change) {
  if (TypeName(change.type).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("change.type: want 1 to 3, got ", static_cast<int>(change.type)));
  }
  if (change.id == kNoReplica) return absl::InvalidArgumentError("change.id: want > 0, got 0");
  if (change.address.size() > kMaxAddressBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "change.address: want at most ", kMaxAddressBytes, " bytes, got ", change.address.size()));
  }
  if (change.type == MemberChangeType::kRemove && !change.address.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("change.address: want none with a removal, got ", change.address));
  }
  return absl::OkStatus();
}

// A replica named twice would make the outcome depend on the order in which the operator wrote.
absl::Status CheckNamedOnce(absl::Span<const MemberChange> changes) {
  Ids named;
  for (const MemberChange& change : changes) {
    if (Has(named, change.id)) {
      return absl::InvalidArgumentError(absl::StrCat("changes: want each replica once, got ",
                                                     static_cast<uint64_t>(change.id), " again"));
    }
    Insert(named, change.id);
  }
  return absl::OkStatus();
}

absl::Status CheckChanges(absl::Span<const MemberChange> changes) {
  if (changes.size() > kMaxMembers) {
    return absl::InvalidArgumentError(
        absl::StrCat("changes: want at most ", kMaxMembers, ", got ", changes.size()));
  }
  for (const MemberChange& change : changes) {
    if (absl::Status status = CheckChange(change); !status.ok()) return status;
  }
  return CheckNamedOnce(changes);
}

void SetAddress(std::vector<MemberAddress>& addresses, ReplicaId id, const std::string& address) {
  auto at = addresses.begin();
  while (at != addresses.end() && at->id < id) ++at;
  if (at == addresses.end() || at->id != id) at = addresses.insert(at, {.id = id});
  at->address = address;
}

// Those of outgoing voters stay until the joint configuration is left: they are still needed.
void DropStrayAddresses(Configuration& c) {
  std::erase_if(c.addresses, [&](const MemberAddress& one) { return !c.HasMember(one.id); });
}

// What the incoming half becomes. Outgoing voters keep their vote until the joint configuration is
// left, so one that is demoted only learns next.
void Change(Configuration& c, const MemberChange& change) {
  Erase(c.voters, change.id);
  Erase(c.learners, change.id);
  Erase(c.learners_next, change.id);
  if (!change.address.empty()) SetAddress(c.addresses, change.id, change.address);
  switch (change.type) {
    case MemberChangeType::kAddVoter:
      return Insert(c.voters, change.id);
    case MemberChangeType::kAddLearner:
      return Insert(Has(c.outgoing, change.id) ? c.learners_next : c.learners, change.id);
    case MemberChangeType::kRemove:
      return;
  }
}

absl::StatusOr<Configuration> ChangeAll(Configuration c, absl::Span<const MemberChange> changes) {
  if (absl::Status status = CheckChanges(changes); !status.ok()) return status;
  for (const MemberChange& change : changes) Change(c, change);
  DropStrayAddresses(c);
  if (absl::Status status = CheckConfiguration(c); !status.ok()) return status;
  return c;
}

// Voters that come or go; one who is promoted or demoted counts as well.
size_t VotersChanged(const Configuration& from, const Configuration& to) {
  Ids changed;
  std::set_symmetric_difference(from.voters.begin(), from.voters.end(), to.voters.begin(),
                                to.voters.end(), std::back_inserter(changed));
  return changed.size();
}

absl::Status CheckNotJoint(const Configuration& from) {
  CHECK(CheckConfiguration(from).ok()) << CheckConfiguration(from);
  if (!from.IsJoint()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("configuration: want one that is not joint, got ", ToString(from)));
}

// At most one voter more or less keeps any two majorities overlapping (thesis, section 4.1).
bool NeedsJoint(const Configuration& from, absl::Span<const MemberChange> changes) {
  const absl::StatusOr<Configuration> to = ChangeAll(from, changes);
  return to.ok() && VotersChanged(from, *to) > 1;
}

absl::Status CheckEffect(const Configuration& from, const MemberChange& change) {
  const auto id = static_cast<uint64_t>(change.id);
  if (change.type == MemberChangeType::kRemove) {
    if (from.HasMember(change.id)) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat("remove: want a member, got ", id, "; they are ", ToString(from)));
  }
  const bool votes = change.type == MemberChangeType::kAddVoter;
  const bool has_role = Has(votes ? from.voters : from.learners, change.id);
  const absl::string_view address = from.AddressOf(change.id);
  if (!has_role || (!change.address.empty() && change.address != address)) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(
      TypeName(change.type), ": want a change, got replica ", id, ", which is a ",
      votes ? "voter" : "learner", " already", address.empty() ? "" : " at ", address));
}

}  // namespace

std::string ToString(const ConfigurationChange& change) {
  if (change.IsLeave()) return "leave";
  std::string text;
  for (const MemberChange& one : change.changes) {
    absl::StrAppend(&text, text.empty() ? "" : " ", TypeName(one.type), "=",
                    static_cast<uint64_t>(one.id), one.address.empty() ? "" : "@", one.address);
  }
  if (change.transition == Transition::kJointImplicit) text += " transition=joint_implicit";
  if (change.transition == Transition::kJointExplicit) text += " transition=joint_explicit";
  return text;
}

absl::Status CheckConfigurationChange(const ConfigurationChange& change) {
  const int transition = static_cast<int>(change.transition);
  if (change.transition > Transition::kJointExplicit) {
    return absl::InvalidArgumentError(absl::StrCat("transition: want 0 to 2, got ", transition));
  }
  if (change.IsLeave() && change.transition != Transition::kAuto) {
    return absl::InvalidArgumentError(
        absl::StrCat("transition: want 0 when there are no changes, got ", transition));
  }
  return CheckChanges(change.changes);
}

absl::Status CheckChangesSomething(const Configuration& from, const ConfigurationChange& change) {
  for (const MemberChange& one : change.changes) {
    if (absl::Status effect = CheckEffect(from, one); !effect.ok()) return effect;
  }
  return absl::OkStatus();
}

absl::StatusOr<Configuration> ChangeSimple(const Configuration& from,
                                           absl::Span<const MemberChange> changes) {
  if (absl::Status status = CheckNotJoint(from); !status.ok()) return status;
  absl::StatusOr<Configuration> to = ChangeAll(from, changes);
  if (!to.ok()) return to;
  const size_t changed = VotersChanged(from, *to);
  if (changed <= 1) return to;
  return absl::InvalidArgumentError(
      absl::StrCat("changes: want at most 1 voter more or less in a simple change, got ", changed));
}

absl::StatusOr<Configuration> EnterJoint(const Configuration& from,
                                         absl::Span<const MemberChange> changes, Leave leave) {
  if (absl::Status status = CheckNotJoint(from); !status.ok()) return status;
  Configuration joint = from;
  joint.outgoing = from.voters;
  joint.auto_leave = leave == Leave::kAutomatic;
  return ChangeAll(std::move(joint), changes);
}

absl::StatusOr<Configuration> LeaveJoint(const Configuration& from) {
  CHECK(CheckConfiguration(from).ok()) << CheckConfiguration(from);
  if (!from.IsJoint()) {
    return absl::FailedPreconditionError(
        absl::StrCat("configuration: want a joint one to leave, got ", ToString(from)));
  }
  Configuration to = from;
  for (ReplicaId id : from.learners_next) Insert(to.learners, id);
  to.outgoing.clear();
  to.learners_next.clear();
  to.auto_leave = false;
  DropStrayAddresses(to);
  return to;
}

absl::StatusOr<Configuration> Apply(const Configuration& from, const ConfigurationChange& change) {
  if (absl::Status status = CheckConfigurationChange(change); !status.ok()) return status;
  if (change.IsLeave()) return LeaveJoint(from);
  if (absl::Status status = CheckNotJoint(from); !status.ok()) return status;
  switch (change.transition) {
    case Transition::kAuto:
      return NeedsJoint(from, change.changes) ? EnterJoint(from, change.changes, Leave::kAutomatic)
                                              : ChangeSimple(from, change.changes);
    case Transition::kJointImplicit:
      return EnterJoint(from, change.changes, Leave::kAutomatic);
    case Transition::kJointExplicit:
      return EnterJoint(from, change.changes, Leave::kExplicit);
  }
  LOG(FATAL) << "unreachable: the transition was checked";
}

}  // namespace blixard::raft
