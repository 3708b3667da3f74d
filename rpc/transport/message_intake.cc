#include "rpc/transport/message_intake.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"

namespace blixard::rpc {

namespace {

// Pieces of snapshots (raft/storage/snapshot_transfer_codec.h) stand among the messages. Both begin
// with a checksum and a length of 4 bytes each, then the format's version, by which they differ.
constexpr size_t kLengthOffset = 4;
constexpr size_t kVersionOffset = 8;
constexpr char kSnapshotFrameVersion = 1;

// 0: something else, or cut.
size_t SnapshotFrameBytes(absl::string_view bytes) {
  if (bytes.size() <= kVersionOffset || bytes[kVersionOffset] != kSnapshotFrameVersion) return 0;
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + kLengthOffset, sizeof(length));
  return length > kVersionOffset && length <= bytes.size() ? length : 0;
}

}  // namespace

absl::Status MessageIntake::Take(absl::string_view bytes) {
  absl::Status status = TakeAll(bytes);
  if (thread_ == Thread::kLent) replica_.CarryOut();
  return status;
}

absl::Status MessageIntake::TakeAll(absl::string_view bytes) {
  while (!bytes.empty()) {
    if (const size_t length = SnapshotFrameBytes(bytes); length > 0) {
      replica_.ReceiveSnapshotFrame(bytes.substr(0, length));
      bytes.remove_prefix(length);
      continue;
    }
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
