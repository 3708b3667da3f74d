// The transport of a group whose replicas live in one process: for examples, tests, and programs
// that keep several copies on several disks of one machine.
#ifndef BLIXARD_RAFT_RUNTIME_LOCAL_TRANSPORT_H_
#define BLIXARD_RAFT_RUNTIME_LOCAL_TRANSPORT_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "absl/strings/string_view.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/transport.h"

namespace blixard::raft {

// One for the whole group: given to every replica as its transport; or to every GroupHub.
// Thread-safe. What is sent stands in the receiver's inbox at once; it is dropped when nobody is
// connected under its id, and when as many messages wait as the receiver's inbox or the process may
// hold.
class LocalTransport final : public Transport {
 public:
  // From now on `replica`, or hub, gets what is sent to `id`. It is not owned and must be
  // disconnected before it is destroyed. CHECKs that nobody has that id.
  void Connect(ReplicaId id, MessageReceiver& replica);

  // Nothing reaches the replica any more once this has returned. Unknown ids are fine.
  void Disconnect(ReplicaId id);

  void Send(const Message& message) override;
  void Flush() override {}
  void SendFrame(ReplicaId to, absl::string_view frame) override;

  // Messages and frames to ids that nobody was connected under so far: dropped.
  uint64_t sent_to_nobody() const { return sent_to_nobody_.load(std::memory_order_relaxed); }
  TransportCounters counters() const override { return {.no_address = sent_to_nobody()}; }

 private:
  MessageReceiver* FindReceiver(ReplicaId id);  // mutex_ is held; counts when there is none

  std::atomic<uint64_t> sent_to_nobody_{0};
  std::mutex mutex_;
  std::map<ReplicaId, MessageReceiver*> replicas_;  // guarded by mutex_
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_LOCAL_TRANSPORT_H_
