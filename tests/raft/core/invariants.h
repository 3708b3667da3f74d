// What must hold in a Raft group at every moment, whatever its network and disks do (paper, figure
// 3).
#ifndef BLIXARD_TESTS_RAFT_CORE_INVARIANTS_H_
#define BLIXARD_TESTS_RAFT_CORE_INVARIANTS_H_

#include <cstddef>
#include <map>
#include <vector>

#include "raft/core/entry.h"
#include "raft/core/types.h"
#include "tests/raft/core/replica_group.h"

namespace blixard::raft {

// CHECKs, so that a violation stops at the step that made it, with the seed on the log.
class Invariants {
 public:
  explicit Invariants(const ReplicaGroup& group) : group_(group) {}

  // Call after every step that touched `id`.
  void CheckAfter(ReplicaId id);
  void Forget(ReplicaId id) { seen_.erase(id); }  // `id` crashed

  // A read was asked for; the answer must not be older than what anybody had committed then.
  void OnRead(ReadToken token) { read_floors_[token] = LogIndex{committed_.size()}; }
  void CheckRead(const ReadAnswer& answer);
  // The same for a lease read, which is answered at once.
  void CheckLeaseRead(LogIndex index) const;

  size_t leaders() const { return leaders_.size(); }
  size_t committed() const { return committed_.size(); }
  size_t reads() const { return reads_; }

 private:
  struct Seen {
    Term term;
    LogIndex commit;
    LogIndex applied;
    LogIndex configuration;
  };

  void CheckElectionSafety(ReplicaId id);
  void CheckLogMatching(ReplicaId a, ReplicaId b) const;
  void CheckMarks(ReplicaId id) const;
  void CheckCommit(ReplicaId id);
  void CheckApplied(ReplicaId id) const;
  bool IsDurableOnQuorum(ReplicaId by, const EntryId& id) const;

  const ReplicaGroup& group_;
  std::map<Term, ReplicaId> leaders_;
  std::vector<Entry> committed_;  // index 1 first
  std::map<ReplicaId, Seen> seen_;
  std::map<ReadToken, LogIndex> read_floors_;
  size_t reads_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_INVARIANTS_H_
