#include "raft/core/configuration.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace blixard::raft {
namespace {

using Ids = std::vector<ReplicaId>;

bool Has(const Ids& ids, ReplicaId id) { return std::binary_search(ids.begin(), ids.end(), id); }

std::string IdsText(const Ids& ids) {
  return absl::StrCat("(", absl::StrJoin(ids, " ", absl::StreamFormatter()), ")");
}

absl::Status CheckAscending(absl::string_view field, const Ids& ids) {
  ReplicaId before = kNoReplica;
  bool ascending = true;
  for (ReplicaId id : ids) ascending &= std::exchange(before, id) < id;
  if (ascending) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": want ascending ids above 0, got ", IdsText(ids)));
}

struct NamedIds {
  absl::string_view field;
  const Ids& ids;
};

absl::Status CheckDisjoint(NamedIds a, NamedIds b) {
  for (ReplicaId id : a.ids) {
    if (!Has(b.ids, id)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(a.field, ": want nobody of ", b.field, ", got ", static_cast<uint64_t>(id)));
  }
  return absl::OkStatus();
}

absl::Status CheckVectors(const Configuration& c) {
  if (c.voters.empty()) return absl::InvalidArgumentError("voters: want at least 1, got 0");
  for (const NamedIds& part :
       {NamedIds{"voters", c.voters}, NamedIds{"outgoing", c.outgoing},
        NamedIds{"learners", c.learners}, NamedIds{"learners_next", c.learners_next}}) {
    if (absl::Status ascending = CheckAscending(part.field, part.ids); !ascending.ok()) {
      return ascending;
    }
  }
  if (const size_t members = c.Members().size(); members > kMaxMembers) {
    return absl::InvalidArgumentError(
        absl::StrCat("members: want at most ", kMaxMembers, ", got ", members));
  }
  return absl::OkStatus();
}

absl::Status CheckJoint(const Configuration& c) {
  for (ReplicaId id : c.learners_next) {
    if (Has(c.outgoing, id)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("learners_next: want outgoing voters, got ", static_cast<uint64_t>(id)));
  }
  if (c.auto_leave && !c.IsJoint()) {
    return absl::InvalidArgumentError("auto_leave: want false unless joint, got true");
  }
  return absl::OkStatus();
}

absl::Status CheckAddresses(const Configuration& c) {
  ReplicaId before = kNoReplica;
  for (const MemberAddress& one : c.addresses) {
    const auto id = static_cast<uint64_t>(one.id);
    if (std::exchange(before, one.id) >= one.id) {
      return absl::InvalidArgumentError(
          absl::StrCat("addresses: want ascending ids above 0, got ", id, " out of order"));
    }
    if (!c.HasMember(one.id)) {
      return absl::InvalidArgumentError(absl::StrCat("addresses: want members only, got ", id));
    }
    if (one.address.empty() || one.address.size() > kMaxAddressBytes) {
      return absl::InvalidArgumentError(absl::StrCat("addresses: want 1 to ", kMaxAddressBytes,
                                                     " bytes for replica ", id, ", got ",
                                                     one.address.size()));
    }
  }
  return absl::OkStatus();
}

void AppendAddress(std::string* out, const MemberAddress& one) {
  absl::StrAppend(out, static_cast<uint64_t>(one.id), "@", one.address);
}

}  // namespace

bool Configuration::HasVoter(ReplicaId id) const { return Has(voters, id) || Has(outgoing, id); }

bool Configuration::HasLearner(ReplicaId id) const { return Has(learners, id); }

absl::string_view Configuration::AddressOf(ReplicaId id) const {
  const auto at =
      std::lower_bound(addresses.begin(), addresses.end(), id,
                       [](const MemberAddress& one, ReplicaId wanted) { return one.id < wanted; });
  return at == addresses.end() || at->id != id ? absl::string_view() : at->address;
}

std::vector<ReplicaId> Configuration::Members() const {
  Ids all_voters;
  std::set_union(voters.begin(), voters.end(), outgoing.begin(), outgoing.end(),
                 std::back_inserter(all_voters));
  Ids members;
  std::set_union(all_voters.begin(), all_voters.end(), learners.begin(), learners.end(),
                 std::back_inserter(members));
  return members;
}

std::string ToString(const Configuration& c) {
  std::string text = absl::StrCat("voters=", IdsText(c.voters));
  if (c.IsJoint()) absl::StrAppend(&text, "&&", IdsText(c.outgoing));
  if (!c.learners.empty()) absl::StrAppend(&text, " learners=", IdsText(c.learners));
  if (!c.learners_next.empty()) absl::StrAppend(&text, " learners_next=", IdsText(c.learners_next));
  if (c.auto_leave) text += " autoleave";
  if (!c.addresses.empty()) {
    absl::StrAppend(&text, " addresses=(", absl::StrJoin(c.addresses, " ", AppendAddress), ")");
  }
  return text;
}

absl::Status CheckConfiguration(const Configuration& c) {
  const NamedIds voters{"voters", c.voters};
  const NamedIds outgoing{"outgoing", c.outgoing};
  const NamedIds learners{"learners", c.learners};
  const NamedIds learners_next{"learners_next", c.learners_next};
  for (const absl::Status& status :
       {CheckVectors(c), CheckDisjoint(learners, voters), CheckDisjoint(learners, outgoing),
        CheckDisjoint(learners_next, voters), CheckDisjoint(learners_next, learners), CheckJoint(c),
        CheckAddresses(c)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace blixard::raft
