// One simulated replica: the real protocol core, the real log on a virtual disk and the real
// runtime logic, driven by the world's events instead of threads and clocks.
#ifndef BLIXARD_TESTS_SIMULATION_VIRTUAL_REPLICA_H_
#define BLIXARD_TESTS_SIMULATION_VIRTUAL_REPLICA_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/core/raw_node.h"
#include "raft/core/raw_node_config.h"
#include "raft/runtime/applier.h"
#include "raft/runtime/inbox.h"
#include "raft/runtime/log_writer.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/replica_loop.h"
#include "raft/runtime/replica_request.h"
#include "raft/runtime/snapshot_exchange.h"
#include "raft/runtime/snapshot_order.h"
#include "raft/runtime/snapshot_saver.h"
#include "raft/runtime/stage_clock.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/runtime/tick_counter.h"
#include "raft/runtime/transport.h"
#include "raft/runtime/write_pace.h"
#include "raft/storage/snapshot_store.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/simulation/checked_storage.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/kv_state_machine.h"
#include "tests/simulation/request_desk.h"
#include "tests/simulation/safety_checks.h"

namespace blixard::raft {

inline constexpr VirtualTime kTickTime = 100 * kMillisecond;

inline constexpr absl::string_view kLogDirectory = "/wal";
inline constexpr absl::string_view kSnapshotDirectory = "/snapshots";

// What the exchange of snapshots of one replica sends to that of another.
struct SnapshotPiece {
  ReplicaId from = kNoReplica;
  ReplicaId to = kNoReplica;
  absl::string_view frame;
};

// What a replica asks of the world around it.
class ReplicaSurroundings : public Transport, public StageClock, public AnswerTaker {
 public:
  // What the clock of its machine shows.
  virtual VirtualTime LocalNow(ReplicaId replica) = 0;
  // Each calls its CarryOut of this life of the replica once, after the time that takes here.
  virtual void ScheduleAppends(ReplicaId replica) = 0;
  virtual void ScheduleApplies(ReplicaId replica) = 0;
  virtual void SchedulePrepare(ReplicaId replica) = 0;
  virtual void ScheduleSnapshots(ReplicaId replica) = 0;
  virtual void ScheduleCourier(ReplicaId replica) = 0;
  virtual void SendPiece(const SnapshotPiece& piece) = 0;
};

// How a group elects; the same on all its replicas, except for the priority.
struct ElectionSettings {
  bool check_quorum = true;
  LeaseConfig lease = {};
};

struct VirtualReplicaOptions {
  ReplicaId id = kNoReplica;
  std::vector<ReplicaId> voters;  // how the group begins; empty: the replica waits to be added
  uint64_t seed = 0;
  uint32_t priority = kHighestPriority;
  ElectionSettings elections = {};
};

// Where the world's checks and counters are told of it all.
using ReplicaWatchers = CheckedStorage::Watchers;

class VirtualReplica {
 public:
  // What is referred to outlives the replica.
  VirtualReplica(const VirtualReplicaOptions& options, ReplicaSurroundings& surroundings,
                 const ReplicaWatchers& watchers);
  ~VirtualReplica();

  // Starts the process from what the disk holds. An error: the log refuses the disk.
  absl::Status Start();
  // The process is gone; its disk stays as it is. Answers nobody.
  void End();
  bool running() const { return loop_ != nullptr; }
  // Counts starts, so that events of an earlier life can be told.
  uint32_t life() const { return life_; }

  // When the clock of its machine shows this, the replica wants to be woken for its next tick.
  VirtualTime next_tick() const { return ticks_->next().time_since_epoch().count(); }

  // Each is one round of the runtime's loop, which also counts the ticks that went by. When the
  // disk fails or dies, the process has ended and `failure()` says so.
  void Tick();
  // As if so many more had.
  void JumpAhead(uint32_t ticks);
  void Deliver(memory::Pooled<Message> message);
  void Request(const ClientRequest& request);
  void Request(ReplicaRequest request);
  void CarryOutAppends();
  void CarryOutApplies();
  void CarryOutPrepare();
  void CarryOutSnapshots();
  void CarryOutCourier();
  void DeliverPiece(const std::string& frame);

  // The disk is another one, and empty: from now on the replica waits to be added to a group. Not
  // while it runs.
  void ReplaceDisk();
  // Likewise, after the group has removed the replica.
  void BeginAnew();

  const absl::Status& failure() const { return failure_; }
  const RawNode& node() const { return loop_->node(); }
  LogIndex applied() const { return applier_->applied(); }
  uint64_t state_digest() const { return state_machine_->digest(); }
  MemoryFileSystem& disk() { return disk_; }
  ReplicaId id() const { return options_.id; }

 private:
  absl::Status Open();
  void StartLoop(std::unique_ptr<RawNode> node);
  void Round(uint64_t more_ticks = 0);
  void FillBatch();
  void TakeWork();
  void Fail(absl::Status failure);
  void Watch();
  void WatchMembers(const RawNode& node);
  void WatchLimits(const RawNode& node);
  void WatchWindows(const RawNode& node);
  TickCounter::TimePoint LocalNow() const;
  void ReportApplied(const ApplyWork& work);
  void WakeCourier();
  void NoteSnapshots();

  // The exchange's frames do not say from whom they are.
  class Outlet final : public Transport {
   public:
    explicit Outlet(VirtualReplica& replica) : replica_(replica) {}
    void Send(const Message& message) override;
    void Flush() override {}
    void SendFrame(ReplicaId to, absl::string_view frame) override;

   private:
    VirtualReplica& replica_;
  };

  VirtualReplicaOptions options_;
  ReplicaConfig config_;
  ReplicaSurroundings& surroundings_;
  Outlet outlet_;
  SafetyChecks& checks_;
  Coverage& coverage_;
  StageLatencies latencies_;
  UnlimitedWritePace pace_;
  MemoryFileSystem disk_;
  RequestDesk desk_;
  uint32_t life_ = 0;
  absl::Status failure_;

  // Of this life.
  Role role_ = Role::kFollower;
  bool joint_ = false;
  size_t members_ = 0;
  Term forced_term_;  // of its last campaign without waiting, on a leader's word
  std::unique_ptr<CheckedStorage> storage_;
  std::unique_ptr<SnapshotStore> snapshots_;
  std::unique_ptr<SnapshotSaver> saver_;
  std::unique_ptr<SnapshotExchange> exchange_;
  std::unique_ptr<LogWriter> writer_;
  PassThroughPlanner planner_;
  std::unique_ptr<KvStateMachine> state_machine_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<ReplicaLoop> loop_;
  std::optional<TickCounter> ticks_;
  Inbox::Batch batch_;
  std::vector<memory::Pooled<RaftProposal>> waiting_;  // until the loop wants them
  std::vector<ReadRequest> waiting_reads_;
  AppendWorks appends_;  // waiting for the disk
  ApplyWorks applies_;
  SnapshotOrders orders_;   // for the saver
  SnapshotOrders to_send_;  // for the exchange, like what follows
  std::vector<std::string> frames_;
  bool courier_wakes_ = false;
  bool preparing_ = false;  // a segment is being made ahead
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_VIRTUAL_REPLICA_H_
