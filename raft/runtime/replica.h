// One running member of a Raft group: the protocol core, its log on disk, its threads.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/runtime/applier.h"
#include "raft/runtime/inbox.h"
#include "raft/runtime/leadership_listener.h"
#include "raft/runtime/log_preparer.h"
#include "raft/runtime/log_writer.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/planner.h"
#include "raft/runtime/pool_budgets.h"
#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/read_listener.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/replica_loop.h"
#include "raft/runtime/replica_request.h"
#include "raft/runtime/replica_status.h"
#include "raft/runtime/snapshot_courier.h"
#include "raft/runtime/snapshot_order.h"
#include "raft/runtime/snapshot_saver.h"
#include "raft/runtime/stage_clock.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/runtime/state_machine.h"
#include "raft/runtime/tick_counter.h"
#include "raft/runtime/transport.h"
#include "raft/runtime/work_lane.h"
#include "raft/runtime/write_pace.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/snapshot_store.h"

namespace blixard::raft {

// What a replica is put together from: owned by the caller, outliving the replica.
struct ReplicaParts {
  LogStorage& storage;
  Transport& transport;
  Planner& planner;
  StateMachine& state_machine;               // empty
  SnapshotStore* snapshots = nullptr;        // null: the log grows for ever, nobody can be added
  LeadershipListener* leadership = nullptr;  // null = nobody asks
};

// Threads: one runs the protocol, one writes the log, one applies, one prepares log files, one
// writes snapshots and one carries them to peers. What comes alone is written and applied by the
// first, or by whoever brought it (CarryOut), because waking the others would cost it more than the
// work. All methods may be called from any thread.
class Replica final : public MessageReceiver {
 public:
  // `recovered` is what `parts.storage` held. `on_failure` is called once, from the replica's own
  // thread, if its disk fails: the replica has then stopped by itself and only waits for Stop,
  // which another thread must call (CHECKed), as it must destroy it. May come before this returns.
  // kInvalidArgument for a bad config, or one whose batches do not fit the log's segments; else
  // what RestoreState says.
  static absl::StatusOr<std::unique_ptr<Replica>> Start(
      const ReplicaConfig& config, const ReplicaParts& parts, RecoveredLog recovered,
      std::function<void(const absl::Status&)> on_failure);
  ~Replica() override;  // stops

  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Queues a proposal, which is then answered exactly once through its listener. On an error it is
  // left as it was and the listener is not called: kFailedPrecondition when this replica does not
  // lead, kResourceExhausted when the queue is full or the disk almost, kInvalidArgument when the
  // request is empty or larger than max_request_bytes, kUnavailable when the replica has stopped.
  absl::Status Propose(memory::Pooled<RaftProposal>& proposal);

  // Asks for a linearizable read (thesis 6.4): `read.listener` is told once when the state machine
  // shows everything that was committed before now, on the leader or, by way of it, on any other
  // replica. Errors, without a call of the listener: kResourceExhausted, kUnavailable as above.
  absl::Status Read(const ReadRequest& read);

  // Hands a request over; `request.done` is called exactly once, also when it is refused.
  void Request(ReplicaRequest request);

  // Of MessageReceiver, for the transport. Messages must be of this replica's cluster, and for it.
  absl::Status CheckAddress(const Message& message) const override;
  void Receive(memory::Pooled<Message> message) override;

  // If the protocol's thread only waits and there is little to do, CarryOut does it here,
  // which spares a lone request the waking of a thread, on both sides of the network. It may take
  // as long as a few disk writes, and answers proposals whose listeners run in it.
  void Deliver(memory::Pooled<Message> message) override;
  void CarryOut() override;

  // Pieces of snapshots.
  void ReceiveFrame(absl::string_view frame) override;

  void ReportDropped() override;
  void ReportUnreachable(ReplicaId peer) override;

  // Who leads, as far as this replica knows; kNoReplica when it does not. Lock-free.
  ReplicaId leader() const { return ReplicaId{leader_.load(std::memory_order_acquire)}; }

  // As of now: asks the replica's thread, and so may wait for a disk write. Allocates.
  ReplicaStatus Status();

  // If this replica leads, hands the leadership to the voter with most of the log and waits until
  // another is known to lead; false when that did not come about within `limit`, at once when no
  // other voter belongs to the group, and after two election timeouts in which none answers. True
  // at once when this replica does not lead. For a graceful stop: Stop afterwards. Not from a
  // listener or the state machine.
  bool HandOver(absl::Duration limit);

  // Answers whatever is open, then ends all threads. Not from a listener, the state machine or
  // on_failure: they run in the threads it waits for.
  void Stop();

 private:
  class MonotonicClock : public StageClock {
   public:
    uint64_t NowNanoseconds() override;
  };

  Replica(const ReplicaConfig& config, const ReplicaParts& parts, std::unique_ptr<RawNode> node,
          std::function<void(const absl::Status&)> on_failure);

  absl::Status NotLeading() const;
  void Run();
  absl::Status RunUntilStop();
  void RoundAndWork(Inbox::Batch& batch);
  bool Dispatch(Inbox::Batch& batch);
  void DispatchSnapshots();
  std::unique_ptr<SnapshotCourier> MakeCourier(const ReplicaParts& parts);
  void SaveSnapshots(SnapshotOrders& orders);
  void WriteUntilDone(AppendWorks& works);
  void LookAtSpace();
  absl::Status SpaceError() const;
  void AnswerStatus();
  ReplicaStatus CurrentStatus() const;
  void End();

  const ReplicaConfig config_;
  const std::function<void(const absl::Status&)> on_failure_;
  LogStorage& storage_;
  MonotonicClock clock_;
  StageLatencies latencies_{clock_};
  Inbox inbox_;
  LogWriter writer_;
  Applier applier_;

  TickedWritePace pace_;
  const std::unique_ptr<SnapshotSaver> saver_;  // null without a store

  // Of whoever takes from the inbox: its own thread, or one that was lent.
  ReplicaLoop loop_;
  TickCounter ticks_;
  absl::Status failure_;
  Inbox::Batch lent_batch_;

  std::atomic<uint64_t> leader_{0};              // written after every round
  std::atomic<uint64_t> refused_{0};             // proposals the queue or the disk had no room for
  std::atomic<uint64_t> reads_refused_{0};       // by the full queue
  std::atomic<uint64_t> dropped_queue_full_{0};  // messages of peers
  std::atomic<uint64_t> dropped_no_memory_{0};   // the same
  std::atomic<bool> space_is_low_{false};
  std::atomic<bool> stopping_{false};
  bool log_is_given_up_ = false;  // the storage lane only: stopped while the disk was full

  std::mutex status_mutex_;
  std::condition_variable status_answered_;
  // All guarded by status_mutex_.
  uint64_t status_asked_ = 0;    // questions so far
  uint64_t status_answers_ = 0;  // of them, answered
  bool running_ = true;          // the thread still answers
  ReplicaStatus status_;         // the latest answer

  std::mutex stop_mutex_;  // one Stop at a time

  // After all that their threads use.
  LogPreparer preparer_;
  WorkLane<std::unique_ptr<AppendWork>> storage_lane_;
  WorkLane<std::unique_ptr<ApplyWork>> apply_lane_;
  const std::unique_ptr<WorkLane<SnapshotOrder>> saver_lane_;  // null without a store
  const std::unique_ptr<SnapshotCourier> courier_;             // likewise
  std::thread thread_;
};

// A message to decode into, from the process-wide pool; empty when kMaxLiveMessages are out.
inline constexpr size_t kMaxLiveMessages = kMessageBudget.Total();
memory::Pooled<Message> AcquireMessage();

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_H_
