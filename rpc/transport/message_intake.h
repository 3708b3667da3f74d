// Takes apart the bytes that a peer sent and hands the messages to the replica.
#ifndef BLIXARD_RPC_TRANSPORT_MESSAGE_INTAKE_H_
#define BLIXARD_RPC_TRANSPORT_MESSAGE_INTAKE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/replica.h"

namespace blixard::rpc {

// Thread-safe. `replica` is not owned and outlives it.
class MessageIntake {
 public:
  // Whether the thread that calls Take may carry out what the messages ask for (Replica::CarryOut).
  enum class Thread { kLent, kNotLent };

  MessageIntake(raft::ClusterId cluster, raft::ReplicaId self, raft::Replica& replica,
                Thread thread)
      : cluster_(cluster), self_(self), replica_(replica), thread_(thread) {}

  // `bytes` are messages as raft/core/message_codec.h writes them, one after the other. An error
  // means that they are damaged or not for this replica; what came before has been taken. When
  // messages or buffers run out the rest is dropped: to Raft that is a lost message.
  absl::Status Take(absl::string_view bytes);

 private:
  absl::Status TakeAll(absl::string_view bytes);
  absl::Status CheckAddress(const raft::Message& message) const;

  const raft::ClusterId cluster_;
  const raft::ReplicaId self_;
  raft::Replica& replica_;
  const Thread thread_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_MESSAGE_INTAKE_H_
