// A whole Raft group in one thread: RawNodes, their disks and state machines, and the messages
// between them. The test decides what happens next; every message passes through its encoded form.
#ifndef BLIXARD_TESTS_RAFT_CORE_REPLICA_GROUP_H_
#define BLIXARD_TESTS_RAFT_CORE_REPLICA_GROUP_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/raw_node.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/ready_batch.h"
#include "raft/core/types.h"
#include "tests/raft/core/memory_disk.h"

namespace blixard::raft {

memory::Buffer PayloadOf(absl::string_view text);

class ReplicaGroup {
 public:
  // `config.id` is set for each member of `first`.
  ReplicaGroup(const RawNodeConfig& config, const Configuration& first);

  // One line per protocol step, if set.
  void set_trace(std::function<void(const std::string&)> trace) { trace_ = std::move(trace); }

  std::vector<ReplicaId> ids() const;
  // A replica that is no member and has an empty disk; or, with the same id, one that was removed
  // and comes back so.
  void AddReplica(ReplicaId id);
  // Its configuration is to differ from the group's from its next start on.
  RawNodeConfig& config_of(ReplicaId id) { return replica(id).config; }
  bool IsUp(ReplicaId id) const { return replica(id).node != nullptr; }
  RawNode& node(ReplicaId id);
  const RawNode& node(ReplicaId id) const;
  const MemoryDisk& disk(ReplicaId id) const { return replica(id).disk; }
  // Its disk does, or one did that it lost: what that acknowledged may still be on its way.
  bool HasHeld(ReplicaId id, const EntryId& entry) const;

  // The state machine of a replica: everything up to `from` out of a snapshot, then `entries`.
  struct State {
    EntryId from;
    std::vector<Entry> entries;
    EntryId applied() const { return entries.empty() ? from : entries.back().id(); }
  };
  const State& state(ReplicaId id) const { return replica(id).state; }
  // Every configuration that some replica applied, by the index of its entry or snapshot.
  const std::map<LogIndex, Configuration>& configurations() const { return configurations_; }
  // The replica that leads the highest term; kNoReplica if nobody leads.
  ReplicaId leader() const;

  absl::StatusOr<EntryId> Propose(ReplicaId id, absl::string_view text);
  absl::StatusOr<ReadToken> Read(ReplicaId id);
  // Answered reads of a replica since the last call.
  std::vector<ReadAnswer> TakeReads(ReplicaId id) { return std::exchange(replica(id).reads, {}); }

  // One batch in two halves: BeginWork takes it, sends what may leave early, and writes; FinishWork
  // syncs, sends the rest, applies and closes it. Both do nothing where there is nothing to do.
  // With asynchronous storage writes BeginWork may be called again and again, FinishAppend and
  // FinishApply complete the oldest append and apply, and FinishWork completes all.
  void BeginWork(ReplicaId id);
  void FinishWork(ReplicaId id);
  void FinishAppend(ReplicaId id);
  void FinishApply(ReplicaId id);
  void Work(ReplicaId id);  // until nothing is left
  // A slow disk: Work only begins a batch and leaves it open.
  void Hold(ReplicaId id) { held_.insert(id); }
  void Release(ReplicaId id) { held_.erase(id); }
  void WorkAll();

  // A snapshot of what is applied; it is durable at once.
  void TakeSnapshot(ReplicaId id);
  void Compact(ReplicaId id, LogIndex through);

  // The network: messages on their way, oldest first.
  const std::vector<Message>& in_flight() const { return in_flight_; }
  // Takes one off and gives it to its receiver, unless that is down or cut off. The sender of a
  // snapshot is told what became of it.
  void Deliver(size_t position);
  void Drop(size_t position);
  void Duplicate(size_t position);
  // Delivers everything, and what that causes, and so on until it is quiet. CHECKs that it ends.
  void Settle();

  // Messages from and to a replica that is cut off are lost, on sending and on delivery.
  void Cut(ReplicaId id) { cut_.insert(id); }
  // One way only, and only between two.
  void CutLink(ReplicaId from, ReplicaId to) { cut_links_.insert({from, to}); }
  void Heal() { cut_.clear(), cut_links_.clear(); }
  bool IsCut(ReplicaId id) const { return cut_.contains(id); }

  // Stops the replica; the first `kept_writes` unsynced writes survive.
  void Crash(ReplicaId id, size_t kept_writes);
  void Start(ReplicaId id);     // from its disk
  void LoseDisk(ReplicaId id);  // of a replica that is down; it forgets its configuration, too
  void LoseLog(ReplicaId id);   // the same, but its owner starts it as a first member again

 private:
  struct OpenAppend {
    AppendDone done;
    bool must_sync = false;
    std::vector<Message> messages;
    std::optional<EntryId> restores;
  };
  struct OpenApply {
    ApplyDone done;
    std::vector<Entry> entries;
  };
  struct Replica {
    RawNodeConfig config;
    MemoryDisk disk;
    std::vector<MemoryDisk> lost_disks = {};
    std::unique_ptr<RawNode> node = nullptr;
    State state = {};
    std::vector<ReadAnswer> reads = {};
    bool batch_open = false;  // in synchronous mode
    std::deque<OpenAppend> appends = {};
    std::deque<OpenApply> applies = {};
    uint64_t lives = 0;
  };

  Replica& replica(ReplicaId id) { return replicas_.at(id); }
  const Replica& replica(ReplicaId id) const { return replicas_.at(id); }
  void Open(ReplicaId id, const ReadyBatch& batch);
  void Apply(ReplicaId id, const std::vector<Entry>& entries);
  void Send(absl::Span<const Message> messages);
  bool IsLost(const Message& message) const;
  void ReportSnapshot(const Message& message, bool delivered);
  void Trace(const std::string& line) const;
  void TraceBatch(ReplicaId id, const ReadyBatch& batch) const;

  const RawNodeConfig config_;
  std::map<ReplicaId, Replica> replicas_;
  std::map<LogIndex, Configuration> configurations_;
  std::vector<Message> in_flight_;
  std::set<ReplicaId> cut_;
  std::set<std::pair<ReplicaId, ReplicaId>> cut_links_;
  std::set<ReplicaId> held_;
  std::function<void(const std::string&)> trace_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_REPLICA_GROUP_H_
