// A whole Raft group in one thread: RawNodes, their disks, and the messages between them. The test
// decides what happens next; every message passes through its encoded form.
#ifndef BLIXARD_TESTS_RAFT_CORE_REPLICA_GROUP_H_
#define BLIXARD_TESTS_RAFT_CORE_REPLICA_GROUP_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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
  // `config.id` is set for each of `config.voters`.
  explicit ReplicaGroup(const RawNodeConfig& config);

  // One line per protocol step, if set.
  void set_trace(std::function<void(const std::string&)> trace) { trace_ = std::move(trace); }

  std::vector<ReplicaId> ids() const;
  bool IsUp(ReplicaId id) const { return replica(id).node != nullptr; }
  RawNode& node(ReplicaId id);
  const RawNode& node(ReplicaId id) const;
  const MemoryDisk& disk(ReplicaId id) const { return replica(id).disk; }
  // What was handed out for apply since the replica's last start.
  const std::vector<Entry>& applied(ReplicaId id) const { return replica(id).applied; }
  // The replica that leads the highest term; kNoReplica if nobody leads.
  ReplicaId leader() const;

  absl::StatusOr<EntryId> Propose(ReplicaId id, absl::string_view text);

  // One batch in two halves: BeginWork takes it, sends what may leave early, and writes; FinishWork
  // syncs, sends the rest, applies and closes it. Both do nothing where there is nothing to do.
  void BeginWork(ReplicaId id);
  void FinishWork(ReplicaId id);
  void Work(ReplicaId id);  // until nothing is left
  // A slow disk: Work only begins a batch and leaves it open.
  void Hold(ReplicaId id) { held_.insert(id); }
  void Release(ReplicaId id) { held_.erase(id); }
  void WorkAll();

  // The network: messages on their way, oldest first.
  const std::vector<Message>& in_flight() const { return in_flight_; }
  // Takes one off and gives it to its receiver, unless that is down or cut off.
  void Deliver(size_t position);
  void Drop(size_t position);
  void Duplicate(size_t position);
  // Delivers everything, and what that causes, and so on until it is quiet. CHECKs that it ends.
  void Settle();

  // Messages from and to a replica that is cut off are lost, on sending and on delivery.
  void Cut(ReplicaId id) { cut_.insert(id); }
  void Heal() { cut_.clear(); }
  bool IsCut(ReplicaId id) const { return cut_.contains(id); }

  // Stops the replica; the first `kept_writes` unsynced writes survive.
  void Crash(ReplicaId id, size_t kept_writes);
  void Start(ReplicaId id);     // from its disk
  void LoseDisk(ReplicaId id);  // of a replica that is down

 private:
  struct Replica {
    std::unique_ptr<RawNode> node;
    MemoryDisk disk;
    std::vector<Entry> applied;
    const ReadyBatch* open = nullptr;
  };

  Replica& replica(ReplicaId id) { return replicas_.at(id); }
  const Replica& replica(ReplicaId id) const { return replicas_.at(id); }
  void Send(absl::Span<const Message> messages);
  void Trace(const std::string& line) const;
  void TraceBatch(ReplicaId id, const ReadyBatch& batch) const;

  const RawNodeConfig config_;
  std::map<ReplicaId, Replica> replicas_;
  std::vector<Message> in_flight_;
  std::set<ReplicaId> cut_;
  std::set<ReplicaId> held_;
  std::function<void(const std::string&)> trace_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_REPLICA_GROUP_H_
