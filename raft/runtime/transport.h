// How a replica's messages reach its peers.
#ifndef BLIXARD_RAFT_RUNTIME_TRANSPORT_H_
#define BLIXARD_RAFT_RUNTIME_TRANSPORT_H_

#include "raft/core/message.h"

namespace blixard::raft {

// Called by the replica's own thread. Delivery is best effort: messages may be lost, repeated and
// reordered, and Raft copes; but what arrives must be what was sent.
class Transport {
 public:
  virtual ~Transport() = default;

  // Takes a copy of `message` for its peer. Never blocks; drops it when the peer's queue is full.
  virtual void Send(const Message& message) = 0;

  // Every message of this round has been handed over: put them on their way.
  virtual void Flush() = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_TRANSPORT_H_
