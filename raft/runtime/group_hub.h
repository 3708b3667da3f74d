// One set of connections for all the groups of a process.
#ifndef BLIXARD_RAFT_RUNTIME_GROUP_HUB_H_
#define BLIXARD_RAFT_RUNTIME_GROUP_HUB_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/heartbeat_gatherer.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/transport.h"

namespace blixard::raft {

struct GroupHubOptions {
  // The process among its peers: the id that its replicas have in every group.
  ReplicaId self = kNoReplica;
  // How long a heartbeat, or the answer to one, waits for those of other groups; 0: not at all. At
  // most a quarter of the shortest interval between heartbeats of a group
  // (ReplicaConfig::heartbeat_ticks * tick), so that an answer is never more than half of it late.
  absl::Duration gather = absl::Milliseconds(5);
  // Of one message on the wire; more heartbeats are sent in several.
  size_t max_bundle_bytes = size_t{16} << 10;

  // InvalidArgument naming the field, what is wanted and what was given.
  absl::Status Validate() const;
};

// Since the hub was made.
struct GroupHubCounters {
  HeartbeatGatherer::Counters gathered = {};
  uint64_t messages_sent = 0;     // given to the wire one by one, everything but bundles
  uint64_t bundles_received = 0;  // intact
  uint64_t damaged_frames = 0;    // dropped: checksum, length or content is wrong
  uint64_t misaddressed = 0;      // dropped: bundles for another process
  uint64_t unknown_group = 0;     // dropped: messages and frames for groups that are not here
  uint64_t no_memory = 0;         // dropped: messages for which none was left
};

// Stands between the replicas of a process, one of each group, and one transport to the peers:
// towards a replica it is the transport, towards the transport it is the receiver. Heartbeats and
// their answers are gathered, all groups' to one peer in one message, as CockroachDB does with
// those of its ranges; only a read that waits for one sends it at once (Message::urgent).
// Everything else goes straight through. A replica's ticks fall on the same moments as those of the
// other groups (tick_grid.h), so the heartbeats of an interval come together.
//
// A thread of another group is never lent: CarryOut does nothing, so that a slow disk of one group
// holds up no other. Thread-safe. One thread.
class GroupHub final : public MessageReceiver {
 public:
  // Members of all groups together, this process included: a transport has room for no more.
  static constexpr size_t kMaxPeers = kMaxMembers;

  // Messages carry their group's cluster id; the transport and its hellos have one of their own.
  // `wire` reaches every process by the id of its replicas, and is to hand what it receives to this
  // hub; it is not owned and outlives the hub's Stop.
  static absl::StatusOr<std::unique_ptr<GroupHub>> Create(const GroupHubOptions& options,
                                                          Transport& wire);
  ~GroupHub() override;  // stops

  GroupHub(const GroupHub&) = delete;
  GroupHub& operator=(const GroupHub&) = delete;

  // The transport of the group's replica here, valid until Leave. CHECKs that it has not joined.
  Transport& Join(ClusterId group);
  // From now on `replica`, not owned, gets what is sent to the group; before, it is dropped. CHECKs
  // that the group has joined.
  void Serve(ClusterId group, MessageReceiver& replica);
  // Nothing reaches the replica any more once this has returned, and the group's transport is no
  // more: to be called when the replica has stopped and is not destroyed yet.
  void Leave(ClusterId group);

  // Ends the thread; nothing is sent any more. To be called when all groups have left.
  void Stop();

  // Sends what waits now.
  void FlushHeartbeats();

  GroupHubCounters counters() const;

  // Of MessageReceiver, for the wire.
  absl::Status CheckAddress(const Message& message) const override;
  void Receive(memory::Pooled<Message> message) override;
  void Deliver(memory::Pooled<Message> message) override { Receive(std::move(message)); }
  void CarryOut() override {}
  void ReceiveFrame(absl::string_view frame) override;
  void ReportDropped() override;
  void ReportUnreachable(ReplicaId peer) override;

 private:
  class Group;

  GroupHub(const GroupHubOptions& options, Transport& wire);

  void Send(const Message& message);
  void SetMembers(ClusterId group, const Configuration& members);
  void TellWire();  // members_mutex_ is held
  void ReceiveBundle(absl::string_view bundle);
  void ReceivePiece(absl::string_view frame);
  void Run();

  const GroupHubOptions options_;
  Transport& wire_;

  mutable std::mutex gather_mutex_;
  std::condition_variable window_opened_;
  HeartbeatGatherer gatherer_;  // guarded by gather_mutex_
  bool stop_ = false;           // guarded by gather_mutex_

  // Taken while a replica is handed something, never while something is sent.
  mutable std::mutex groups_mutex_;
  std::map<ClusterId, std::unique_ptr<Group>> groups_;  // guarded by groups_mutex_

  std::mutex members_mutex_;
  std::map<ClusterId, Configuration> members_;  // guarded by members_mutex_

  std::atomic<uint64_t> messages_sent_{0};
  std::atomic<uint64_t> bundles_received_{0};
  std::atomic<uint64_t> damaged_frames_{0};
  std::atomic<uint64_t> misaddressed_{0};
  std::atomic<uint64_t> unknown_group_{0};
  std::atomic<uint64_t> no_memory_{0};

  std::thread thread_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_GROUP_HUB_H_
