// How a replica's messages reach its peers.
#ifndef BLIXARD_RAFT_RUNTIME_TRANSPORT_H_
#define BLIXARD_RAFT_RUNTIME_TRANSPORT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/message.h"
#include "raft/core/types.h"

namespace blixard::raft {

// What was dropped instead of being sent, since the transport was made: messages and frames, to
// whichever peer, and of whichever group where several share it.
struct TransportCounters {
  uint64_t link_full = 0;  // as much waited for the peer as may
  uint64_t no_address = 0;
};

// Called by several of the replica's threads at once. Delivery is
// best effort: messages may be lost, repeated and reordered, and Raft copes; but what arrives must
// be what was sent.
class Transport {
 public:
  virtual ~Transport() = default;

  // Takes a copy of `message` for its peer. Never blocks; drops it when the peer's queue is full.
  virtual void Send(const Message& message) = 0;

  // Every message of this round has been handed over: put them on their way.
  virtual void Flush() = 0;

  // Takes a copy of a piece of a snapshot, or of another frame that is no Message, for
  // MessageReceiver::ReceiveFrame at `to`; otherwise as Send. One further thread calls it, and
  // Flush afterwards. Where it is not carried, a replica that the log no longer reaches stays
  // behind, and none can be added.
  virtual void SendFrame(ReplicaId /*to*/, absl::string_view /*frame*/) {}

  // Who belongs to the group from now on, so that connections may be opened and closed; called by
  // the protocol thread. Messages to others may still come (a replica answers whoever asks). A
  // transport that reaches everybody anyway needs none of it.
  virtual void SetMembers(const Configuration&) {}

  // Any thread.
  virtual TransportCounters counters() const { return {}; }
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_TRANSPORT_H_
