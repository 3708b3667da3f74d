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
  CheckElectionSafety(id);
  for (ReplicaId other : group_.ids()) {
    if (other != id && group_.IsUp(other)) CheckLogMatching(id, other);
  }
  CheckCommit(id);
  const RawNode& node = group_.node(id);
  Seen& seen = seen_[id];
  CHECK_GE(node.term(), seen.term);
  CHECK_GE(node.commit_index(), seen.commit);
  CheckApplied(id, seen.applied);
  seen = {.term = node.term(), .commit = node.commit_index(), .applied = group_.applied(id).size()};
}

// One leader per term, and it has everything that was committed before.
void Invariants::CheckElectionSafety(ReplicaId id) {
  const RawNode& node = group_.node(id);
  if (node.role() != Role::kLeader) return;
  const auto [found, is_new] = leaders_.try_emplace(node.term(), id);
  CHECK_EQ(found->second, id) << "two leaders in term " << node.term();
  if (!is_new) return;
  CHECK_GE(node.last_index().value, committed_.size()) << "leader " << id << " misses entries";
  for (const Entry& entry : committed_) {
    CHECK(SameEntry(node.log().At(entry.index), entry))
        << "leader " << id << " of term " << node.term() << " misses committed " << entry.index;
  }
}

// Where two logs have an entry of the same index and term they are equal up to there.
void Invariants::CheckLogMatching(ReplicaId a, ReplicaId b) const {
  const RaftLog& one = group_.node(a).log();
  const RaftLog& two = group_.node(b).log();
  LogIndex index = std::min(one.last_index(), two.last_index());
  while (index > LogIndex{0} && one.TermAt(index) != two.TermAt(index)) index = index - 1;
  for (; index > LogIndex{0}; index = index - 1) {
    CHECK(SameEntry(one.At(index), two.At(index)))
        << "logs of " << a << " and " << b << " differ at " << index;
  }
}

// What a replica takes for committed is what everybody takes for committed, and a majority has it.
void Invariants::CheckCommit(ReplicaId id) {
  const RawNode& node = group_.node(id);
  for (uint64_t i = seen_[id].commit.value; i < node.commit_index().value; ++i) {
    const Entry& entry = node.log().At(LogIndex{i + 1});
    if (i < committed_.size()) {
      CHECK(SameEntry(entry, committed_[i])) << "two entries committed at " << entry.index;
      continue;
    }
    CHECK_GE(CountDurable(entry.id()), MajorityOf(group_.ids().size()))
        << "entry " << entry.index << " was committed without a majority";
    committed_.push_back(entry);
  }
}

size_t Invariants::CountDurable(const EntryId& id) const {
  size_t holders = 0;
  for (ReplicaId replica : group_.ids()) holders += group_.disk(replica).Holds(id);
  return holders;
}

void Invariants::CheckApplied(ReplicaId id, size_t applied_before) const {
  const std::vector<Entry>& applied = group_.applied(id);
  CHECK_LE(applied.size(), committed_.size());
  for (size_t i = applied_before; i < applied.size(); ++i) {
    CHECK_EQ(applied[i].index.value, i + 1) << "replica " << id << " skipped or repeated an entry";
    CHECK(SameEntry(applied[i], committed_[i])) << "replica " << id << " at " << i + 1;
    CHECK(group_.disk(id).Holds(applied[i].id())) << "replica " << id << " applied before stable";
  }
}

}  // namespace blixard::raft
