// Takes apart the bytes that a peer sent and hands the messages to their receiver.
#ifndef BLIXARD_RPC_TRANSPORT_MESSAGE_INTAKE_H_
#define BLIXARD_RPC_TRANSPORT_MESSAGE_INTAKE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/runtime/message_receiver.h"

namespace blixard::rpc {

// Thread-safe. `receiver` is not owned and outlives it.
class MessageIntake {
 public:
  // Whether the thread that calls Take may carry out what the messages ask for (CarryOut).
  enum class Thread { kLent, kNotLent };

  MessageIntake(raft::MessageReceiver& receiver, Thread thread)
      : receiver_(receiver), thread_(thread) {}

  // `bytes` are messages as raft/core/message_codec.h writes them, one after the other. An error
  // means that they are damaged or not for this receiver; what came before has been taken. When
  // messages or buffers run out the rest is dropped, and the receiver told once (ReportDropped): to
  // Raft that is a lost message.
  absl::Status Take(absl::string_view bytes);

 private:
  absl::Status TakeAll(absl::string_view bytes);

  raft::MessageReceiver& receiver_;
  const Thread thread_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_MESSAGE_INTAKE_H_
