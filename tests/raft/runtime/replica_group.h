// A group of real replicas in one process, for tests: real core, real log, real threads; messages
// go from one to the other directly. Every replica has a disk of its own, in memory: leaders stay
// in office however slow the disks of the machine are, and a test can fill, fail or wipe one of
// them.
#ifndef BLIXARD_TESTS_RAFT_RUNTIME_REPLICA_GROUP_H_
#define BLIXARD_TESTS_RAFT_RUNTIME_REPLICA_GROUP_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "raft/core/configuration.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/wal.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {

// Remembers every request it was given; answers request r as the n-th with "n:r".
class JournalStateMachine : public StateMachine {
 public:
  void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) override;
  // The journal as an entry of the pass-through planner holds requests.
  std::unique_ptr<StateView> Freeze() override;
  absl::Status Restore(SnapshotSource& source) override;

  std::vector<std::string> journal() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> journal_;  // guarded by mutex_
};

// Takes the answers to proposals.
class AnswerBox : public ProposalListener {
 public:
  struct Answer {
    std::string request;
    std::string outcome;
    ProposalEnd end;
  };

  void OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) override;

  // Waits until there are `count`; CHECKs that they come within two minutes.
  std::vector<Answer> Await(size_t count);
  size_t size();

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Answer> answers_;  // guarded by mutex_
};

// Takes the answers to reads.
class ReadBox : public ReadListener {
 public:
  struct Answer {
    uint64_t token;
    ReadEnd end;
    LogIndex index;
  };

  void OnReadEnd(uint64_t token, ReadEnd end, LogIndex index) override;

  // Waits until there are `count`; CHECKs that they come within two minutes.
  std::vector<Answer> Await(size_t count);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Answer> answers_;  // guarded by mutex_
};

// Remembers what it was told.
class LeadershipJournal : public LeadershipListener {
 public:
  void OnLeadershipChange(const LeadershipEvent& event) override;
  std::vector<LeadershipEvent> events() const;

 private:
  mutable std::mutex mutex_;
  std::vector<LeadershipEvent> events_;  // guarded by mutex_
};

struct ReplicaGroupOptions {
  size_t size = 3;
  size_t first_voters = 0;  // replicas 1 to this many begin the group; 0 = all
  bool snapshots = false;
  uint64_t segment_bytes = 1 << 20;   // of the log
  uint64_t reserve_bytes = 64 << 20;  // the same
  std::function<void(ReplicaConfig&)> configure = nullptr;
  // Called by whoever sends, before the message goes out; may keep it waiting.
  std::function<void(const Message&)> on_send = nullptr;
};

class ReplicaGroup {
 public:
  explicit ReplicaGroup(size_t size) : ReplicaGroup(ReplicaGroupOptions{.size = size}) {}
  explicit ReplicaGroup(ReplicaGroupOptions options);
  ~ReplicaGroup();

  // Starts replica `id`, from what its log holds; CHECKs that it can.
  void Start(uint64_t id);
  // Ends it; what it had not written to its log is gone.
  void Stop(uint64_t id);

  // Messages to and from it are lost from now on, or no longer.
  void Isolate(uint64_t id, bool isolated);

  Replica& replica(uint64_t id) { return *member(id).replica; }
  JournalStateMachine& state_machine(uint64_t id) { return *member(id).state_machine; }
  // What its transport was told since its start.
  std::vector<Configuration> members_told(uint64_t id);
  LeadershipJournal& leadership(uint64_t id) { return *member(id).leadership; }
  SnapshotStore& snapshots(uint64_t id) { return *member(id).snapshots; }
  // Of its log, and of its snapshots.
  MemoryFileSystem& disk(uint64_t id) { return member(id).files; }
  MemoryFileSystem& snapshot_disk(uint64_t id) { return member(id).snapshot_files; }

  // Asks the first running replica to stand, so that a test need not wait for an election timeout,
  // and awaits a leader.
  uint64_t Elect();
  // The replica that a majority takes for the leader; CHECKs that there is one within two minutes.
  uint64_t AwaitLeader();
  // Until every running replica has `count` requests in its journal.
  void AwaitApplied(size_t count);

  // Until `condition` holds; CHECKs that it does within two minutes.
  static void Await(const std::function<bool()>& condition, const std::string& what);

  // Hands `request` to `id` and waits for its end.
  absl::Status Request(uint64_t id, ReplicaRequest request);

  // Proposes at `id`; the answer goes to `box`.
  absl::Status Propose(uint64_t id, const std::string& request, AnswerBox& box);

 private:
  class Link;
  struct Member {
    MemoryFileSystem files;
    MemoryFileSystem snapshot_files;
    std::unique_ptr<Wal> wal;
    std::unique_ptr<SnapshotStore> snapshots;
    std::unique_ptr<JournalStateMachine> state_machine;
    std::unique_ptr<LeadershipJournal> leadership;
    std::unique_ptr<PassThroughPlanner> planner;
    std::unique_ptr<Link> link;
    std::unique_ptr<Replica> replica;
    bool isolated = false;
  };

  Member& member(uint64_t id) { return members_.at(id - 1); }
  uint64_t Leader();
  // Where every running replica stands, for a test that failed.
  std::string Describe();
  void Deliver(const Message& message);
  void DeliverFrame(ReplicaId from, ReplicaId to, absl::string_view frame);

  const ReplicaGroupOptions options_;
  std::mutex mutex_;  // members' replica and isolated, between Deliver and the test
  std::deque<Member> members_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_RUNTIME_REPLICA_GROUP_H_
