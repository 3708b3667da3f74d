#include "rpc/transport/message_intake.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"

namespace blixard::rpc {

absl::Status MessageIntake::Take(absl::string_view bytes) {
  absl::Status status = TakeAll(bytes);
  if (thread_ == Thread::kLent) replica_.CarryOut();
  return status;
}

absl::Status MessageIntake::TakeAll(absl::string_view bytes) {
  while (!bytes.empty()) {
    memory::Pooled<raft::Message> message = raft::AcquireMessage();
    if (!message) return absl::OkStatus();
    const absl::StatusOr<size_t> taken =
        raft::DecodeMessage(bytes, memory::BufferPool::Default(), *message);
    // Out of buffers is overload too, anything else is damage.
    if (absl::IsResourceExhausted(taken.status())) return absl::OkStatus();
    if (!taken.ok()) return taken.status();
    bytes.remove_prefix(*taken);
    if (absl::Status ours = CheckAddress(*message); !ours.ok()) return ours;
    if (thread_ == Thread::kLent) {
      replica_.Deliver(std::move(message));
    } else {
      replica_.Receive(std::move(message));
    }
  }
  return absl::OkStatus();
}

absl::Status MessageIntake::CheckAddress(const raft::Message& message) const {
  if (message.cluster == cluster_ && message.to == self_) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "message: want cluster ", static_cast<uint64_t>(cluster_), " and replica ",
      static_cast<uint64_t>(self_), ", got cluster ", static_cast<uint64_t>(message.cluster),
      " and replica ", static_cast<uint64_t>(message.to)));
}

}  // namespace blixard::rpc
