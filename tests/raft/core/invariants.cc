#include "tests/raft/core/invariants.h"

#include <glog/logging.h>

#include <algorithm>

#include "raft/core/quorum.h"

namespace blixard::raft {
namespace {

bool SameEntry(const Entry& a, const Entry& b) {
  return a.id() == b.id() && a.type == b.type && a.payload_crc32c == b.payload_crc32c &&
         a.payload == b.payload;
}

}  // namespace

void Invariants::CheckAfter(ReplicaId id) {
  if (!group_.IsUp(id)) return;
  CheckMarks(id);
  CheckElectionSafety(id);
  for (ReplicaId other : group_.ids()) {
    if (other != id && group_.IsUp(other)) CheckLogMatching(id, other);
  }
  CheckCommit(id);
  CheckApplied(id);
  const RawNode& node = group_.node(id);
  seen_[id] = {.term = node.term(),
               .commit = node.commit_index(),
               .applied = group_.state(id).applied().index,
               .configuration = node.GetStatus().configuration_index};
}

// purged <= snapshot <= applied <= committed <= last, and nothing goes back.
void Invariants::CheckMarks(ReplicaId id) const {
  const RawNode& node = group_.node(id);
  CHECK_LE(node.log().base().index, node.snapshot().last.index);
  CHECK_LE(node.snapshot().last.index, node.applied_index());
  CHECK_LE(node.applied_index(), node.log().handed_out_index());
  CHECK_LE(node.log().handed_out_index(), node.commit_index());
  CHECK_LE(node.commit_index(), node.last_index());
  const auto seen = seen_.find(id);
  if (seen == seen_.end()) return;
  CHECK_GE(node.term(), seen->second.term);
  CHECK_GE(node.commit_index(), seen->second.commit);
  CHECK_GE(group_.state(id).applied().index, seen->second.applied);
  CHECK_GE(node.GetStatus().configuration_index, seen->second.configuration);
}

// One leader per term, and it has everything that was committed before.
void Invariants::CheckElectionSafety(ReplicaId id) {
  const RawNode& node = group_.node(id);
  if (node.role() != Role::kLeader) return;
  const auto [found, is_new] = leaders_.try_emplace(node.term(), id);
  CHECK_EQ(found->second, id) << "two leaders in term " << node.term();
  if (!is_new) return;
  CHECK(node.configuration().HasVoter(id)) << "leader " << id << " is no voter";
  CHECK_GE(node.last_index().value, committed_.size()) << "leader " << id << " misses entries";
  for (uint64_t i = node.log().base().index.value; i < committed_.size(); ++i) {
    CHECK(SameEntry(node.log().At(LogIndex{i + 1}), committed_[i]))
        << "leader " << id << " of term " << node.term() << " misses committed " << i + 1;
  }
}

// Where two logs have an entry of the same index and term they are equal up to there.
void Invariants::CheckLogMatching(ReplicaId a, ReplicaId b) const {
  const RaftLog& one = group_.node(a).log();
  const RaftLog& two = group_.node(b).log();
  const LogIndex first = std::max(one.first_index(), two.first_index());
  LogIndex index = std::min(one.last_index(), two.last_index());
  while (index >= first && one.TermAt(index) != two.TermAt(index)) index = index - 1;
  for (; index >= first; index = index - 1) {
    CHECK(SameEntry(one.At(index), two.At(index)))
        << "logs of " << a << " and " << b << " differ at " << index;
  }
}

// What a replica takes for committed is what everybody takes for committed, and a quorum has it.
void Invariants::CheckCommit(ReplicaId id) {
  const RawNode& node = group_.node(id);
  const EntryId base = node.log().base();
  CHECK_LE(base.index.value, committed_.size()) << "a snapshot of what was not committed";
  if (base.index > LogIndex{0}) {
    CHECK_EQ(base.term, committed_[base.index.value - 1].term) << "a snapshot of another history";
  }
  const LogIndex checked = std::max(base.index, seen_[id].commit);
  for (LogIndex index = checked + 1; index <= node.commit_index(); ++index) {
    const Entry& entry = node.log().At(index);
    if (index.value <= committed_.size()) {
      CHECK(SameEntry(entry, committed_[index.value - 1])) << "two entries committed at " << index;
      continue;
    }
    CHECK(IsDurableOnQuorum(id, entry.id()))
        << "entry " << entry.index << " was committed by " << id << " without a quorum";
    committed_.push_back(entry);
  }
}

// In one step a replica may have applied several changes: the quorum is that of any of the
// configurations it had on the way.
bool Invariants::IsDurableOnQuorum(ReplicaId by, const EntryId& id) const {
  const auto seen = seen_.find(by);
  const LogIndex now = group_.node(by).GetStatus().configuration_index;
  const LogIndex before = seen == seen_.end() ? LogIndex{0} : seen->second.configuration;
  const auto& known = group_.configurations();
  auto in_force = known.upper_bound(before);
  if (in_force != known.begin()) --in_force;
  for (; in_force != known.end() && in_force->first <= now; ++in_force) {
    const bool durable = IsQuorum(in_force->second, [&](ReplicaId voter) {
      const auto ids = group_.ids();
      return std::find(ids.begin(), ids.end(), voter) != ids.end() && group_.HasHeld(voter, id);
    });
    if (durable) return true;
  }
  return false;
}

// No two state machines differ, and nothing is applied that is not durable here.
void Invariants::CheckApplied(ReplicaId id) const {
  const ReplicaGroup::State& state = group_.state(id);
  CHECK_LE(state.applied().index.value, committed_.size());
  LogIndex index = state.from.index;
  if (index > LogIndex{0}) {
    CHECK_EQ(state.from.term, committed_[index.value - 1].term) << "restored another history";
  }
  for (const Entry& entry : state.entries) {
    CHECK_EQ(entry.index, ++index) << "replica " << id << " skipped or repeated an entry";
    CHECK(SameEntry(entry, committed_[index.value - 1])) << "replica " << id << " at " << index;
    CHECK(group_.disk(id).Holds(entry.id())) << "replica " << id << " applied before stable";
  }
}

void Invariants::CheckRead(const ReadAnswer& answer) {
  const auto asked = read_floors_.find(answer.token);
  CHECK(asked != read_floors_.end()) << "an answer to nobody, or a second one";
  if (!answer.refused) {
    CHECK_GE(answer.index, asked->second) << "a stale read";
    ++reads_;
  }
  read_floors_.erase(asked);
}

void Invariants::CheckLeaseRead(LogIndex index) const {
  CHECK_GE(index.value, committed_.size()) << "a stale lease read";
}

}  // namespace blixard::raft
