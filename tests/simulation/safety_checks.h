// The invariants of shared/RAFT_SCENARIOS.md over all replicas of a simulated world, checked after
// every step of every replica from what that step changed.
//
// It sees more than any replica: what each has made durable, who was elected in every term, what
// was ever committed. The first violation is kept; the world stops at it.
#ifndef BLIXARD_TESTS_SIMULATION_SAFETY_CHECKS_H_
#define BLIXARD_TESTS_SIMULATION_SAFETY_CHECKS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/raw_node.h"
#include "raft/core/types.h"
#include "tests/simulation/kv_state_machine.h"

namespace blixard::raft {

class SafetyChecks {
 public:
  explicit SafetyChecks(uint32_t replicas);

  // A step of the log's storage was handed out: from now on a crash may leave any part of it.
  // `snapshot` is the last entry of the snapshot it begins with, if any.
  struct Stored {
    std::optional<EntryId> snapshot;
    std::optional<HardState> hard_state;
    absl::Span<const Entry> entries;
  };
  void OnStoreBegin(ReplicaId replica, const Stored& stored);
  // The storage took nothing of it.
  void OnStoreRefused(ReplicaId replica);
  // The snapshots that stand on its disk; {0, 0} where there is none. Should the newest turn out
  // damaged, the log has to go on from the one before.
  struct Snapshots {
    EntryId newest;
    EntryId before;
  };
  void OnSnapshotsKept(ReplicaId replica, const Snapshots& snapshots);
  // Entries up to `through` may be gone after a restart.
  void OnCompacted(ReplicaId replica, EntryId through);
  // It is durable. Returns whether entries that were durable before were replaced.
  bool OnStored(ReplicaId replica, const Stored& stored);

  // A replica starts from its disk. Nothing that was durable may be missing.
  struct Recovered {
    HardState hard_state;
    EntryId base;  // entries start behind it
    absl::Span<const Entry> entries;
  };
  void OnRestart(ReplicaId replica, const Recovered& recovered);
  // The disk was found damaged and was replaced by an empty one.
  void OnDiskReplaced(ReplicaId replica);
  // Besides, it was removed from the group: its votes were those of a member that is gone.
  void OnRemovedForGood(ReplicaId replica);

  void OnSend(const Message& message);

  // After everything that `node` was given. `configuration` is the one in force there.
  void OnStep(const RawNode& node, const Configuration& configuration);

  // An entry was applied; `fresh`: the requests that took effect by it.
  struct Applied {
    EntryId id;
    uint32_t payload_crc32c = 0;
    bool has_state = false;  // the entry went through the state machine
    uint64_t digest = 0;     // of the state after it, if so
    absl::Span<const KvCommand> fresh = {};
  };
  void OnApplied(ReplicaId replica, const Applied& applied);
  // The state was replaced by a snapshot.
  void OnRestored(ReplicaId replica, LogIndex index, uint64_t digest);
  // The state is empty again: the process starts.
  void OnStateEmpty(ReplicaId replica) { applied_[Slot(replica)] = {}; }

  // A client was told that its request was carried out.
  void OnAcknowledged(uint32_t client, uint32_t sequence);

  void Fail(std::string violation) {
    if (violation_.empty()) violation_ = std::move(violation);
  }
  const std::string& violation() const { return violation_; }

  LogIndex committed() const { return LogIndex{committed_.size()}; }
  uint64_t checks() const { return checks_; }

 private:
  // What a replica has on its disk for sure, and what it promised.
  struct Durable {
    std::vector<Term> terms;  // of entry i + 1
    HardState hard_state;
    size_t most_before = 0;  // entries it ever held under terms before the stored one
    // What is being written now.
    uint32_t writing = 0;               // steps handed out and not done
    LogIndex written_from{UINT64_MAX};  // lowest index that these replace or add
    Term vote_term;                     // of the last vote it gave, and for whom
    ReplicaId vote = kNoReplica;
    LogIndex fallback;  // its last snapshot but one ends here
    // What its earlier disks held: it was acknowledged for good reason.
    std::vector<std::vector<Term>> lost;
  };
  struct Seen {  // by the last step of this life
    Term term;
    LogIndex commit;
  };
  // Everything that is known of the entries at one index.
  struct KnownEntry {
    Term term;
    Term previous;
    uint32_t payload_crc32c = 0;
  };
  struct KnownState {
    EntryId id;
    uint32_t payload_crc32c = 0;
    uint64_t digest = 0;
  };

  static size_t Slot(ReplicaId replica) { return static_cast<size_t>(replica) - 1; }
  void Require(bool holds, absl::string_view what, ReplicaId replica, LogIndex index);
  void CheckStoredState(ReplicaId replica, const HardState& after);
  void CheckVote(ReplicaId voter, Term term, ReplicaId candidate);
  bool StoredBefore(const Message& reply) const;
  bool IsCommitted(EntryId id) const;
  void CheckEntry(ReplicaId replica, const Entry& entry, Term previous);
  void CheckLeader(const RawNode& node);
  void CheckCommit(const RawNode& node, LogIndex from, const Configuration& configuration);
  bool QuorumStores(EntryId id, const Configuration& configuration) const;

  std::vector<Durable> durable_;
  std::vector<Seen> seen_;
  std::vector<LogIndex> applied_;
  std::vector<ReplicaId> leaders_;                                // by term
  std::vector<std::vector<KnownEntry>> entries_;                  // by index - 1
  std::vector<Term> committed_;                                   // by index - 1
  std::vector<KnownState> states_;                                // by index - 1
  std::array<std::vector<bool>, kSimulatedClients> carried_out_;  // by sequence
  std::string violation_;
  uint64_t checks_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_SAFETY_CHECKS_H_
