// Where what peers sent ends up: a replica, or a hub that shares a connection among many.
#ifndef BLIXARD_RAFT_RUNTIME_MESSAGE_RECEIVER_H_
#define BLIXARD_RAFT_RUNTIME_MESSAGE_RECEIVER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/core/types.h"

namespace blixard::raft {

// The receiving half of Transport, called by a transport's threads. Thread-safe; never blocks for
// long, except CarryOut.
class MessageReceiver {
 public:
  virtual ~MessageReceiver() = default;

  // kInvalidArgument: whoever sends such a message speaks to the wrong address.
  virtual absl::Status CheckAddress(const Message& message) const = 0;

  // A message of a peer; dropped when too many wait.
  virtual void Receive(memory::Pooled<Message> message) = 0;

  // For a transport that has a thread of its own to lend: Deliver each message of a batch, then
  // CarryOut, which may work on them at once.
  virtual void Deliver(memory::Pooled<Message> message) = 0;
  virtual void CarryOut() = 0;

  // What a peer gave its transport with SendFrame.
  virtual void ReceiveFrame(absl::string_view frame) = 0;

  // A message of a peer was dropped before it could be handed over: no memory was left for it.
  virtual void ReportDropped() = 0;

  // The connection to a peer broke.
  virtual void ReportUnreachable(ReplicaId peer) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_MESSAGE_RECEIVER_H_
