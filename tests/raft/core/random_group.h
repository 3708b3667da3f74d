// A whole group under random loss, duplication, reordering, crashes and partitions, with every
// invariant checked after every step; then everything heals and must converge.
#ifndef BLIXARD_TESTS_RAFT_CORE_RANDOM_GROUP_H_
#define BLIXARD_TESTS_RAFT_CORE_RANDOM_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/message.h"
#include "raft/core/split_mix.h"
#include "raft/core/types.h"
#include "tests/raft/core/invariants.h"
#include "tests/raft/core/replica_group.h"

namespace blixard::raft {

struct Trial {
  uint64_t seed = 0;
  uint64_t voters = 3;
  bool changes_members = false;
  bool async = false;
  bool leases = false;       // and clocks that run alike
  bool loses_disks = false;  // of one replica after the other, each of which is replaced
  int steps = 1500;
};

struct Totals {
  size_t leaders = 0;
  size_t committed = 0;
  size_t crashes = 0;
  size_t reads = 0;
  size_t changes = 0;
  size_t snapshots = 0;
  size_t installs = 0;
  size_t transfers = 0;
  size_t lease_reads = 0;
  size_t lost_disks = 0;
  size_t replaced = 0;

  void Add(const Totals& other) {
    leaders += other.leaders;
    committed += other.committed;
    crashes += other.crashes;
    reads += other.reads;
    changes += other.changes;
    snapshots += other.snapshots;
    installs += other.installs;
    transfers += other.transfers;
    lease_reads += other.lease_reads;
    lost_disks += other.lost_disks;
    replaced += other.replaced;
  }
};

class RandomGroup {
 public:
  explicit RandomGroup(const Trial& trial);
  void Run();
  Totals totals() const;

 private:
  ReplicaId AnyReplica();
  void Act();
  void NetworkAct(uint64_t dice);
  static bool IsOfElection(const Message& message);
  void TickNext();
  void RestartAtOnce(ReplicaId id);
  void LeaveLeader(ReplicaId id, uint64_t dice);
  void ReadByLeases();
  void ReplicaAct(ReplicaId id, uint64_t dice);
  void Check(ReplicaId id);
  void WorkSome(ReplicaId id);
  void Propose(ReplicaId id);
  bool Transfer(ReplicaId id);
  void Read(ReplicaId id);
  void Snapshot(ReplicaId id);
  void Change(ReplicaId id);
  void TakeCareOfDisks(ReplicaId id);
  void CutPower();
  void LoseDiskOf(ReplicaId id);
  void Ask(ReplicaId leader, MemberChangeType type);
  void ToggleCut(ReplicaId id);
  void Crash(ReplicaId id);
  void HealAndConverge();
  bool HaveAllApplied(const Configuration& members, LogIndex last) const;

  const Trial trial_;
  SplitMix random_;
  ReplicaGroup group_;
  Invariants invariants_;
  std::map<ReplicaId, uint64_t> clocks_;  // ticks that passed, in all lives and between
  size_t proposals_ = 0;
  ReplicaId lost_ = kNoReplica;  // its disk is lost, and it is not replaced yet
  LogIndex removed_at_;          // by a change at or before this index; 0: not yet
  Totals totals_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_RANDOM_GROUP_H_
