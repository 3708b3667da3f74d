#include "rpc/transport/message_intake.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "raft/core/mutation.h"
#include "raft/runtime/heartbeat_bundle.h"
#include "raft/runtime/replica.h"

namespace blixard::rpc {

namespace {

// Pieces of snapshots (raft/storage/snapshot_transfer_codec.h) and bundles of heartbeats
// (raft/runtime/heartbeat_bundle.h) stand among the messages. All begin with a checksum and a
// length of 4 bytes each, then the format's version, by which they differ.
constexpr size_t kLengthOffset = 4;
constexpr size_t kVersionOffset = 8;
constexpr char kSnapshotFrameVersion = 1;

// 0: a message, or cut.
size_t FrameBytes(absl::string_view bytes) {
  if (bytes.size() <= kVersionOffset) return 0;
  const char version = bytes[kVersionOffset];
  if (version != kSnapshotFrameVersion && version != raft::kHeartbeatBundleVersion) return 0;
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + kLengthOffset, sizeof(length));
  return length > kVersionOffset && length <= bytes.size() ? length : 0;
}

}  // namespace

absl::Status MessageIntake::Take(absl::string_view bytes) {
  absl::Status status = TakeAll(bytes);
  if (thread_ == Thread::kLent) receiver_.CarryOut();
  return status;
}

absl::Status MessageIntake::TakeAll(absl::string_view bytes) {
  while (!bytes.empty()) {
    if (const size_t length = FrameBytes(bytes); length > 0) {
      receiver_.ReceiveFrame(bytes.substr(0, length));
      bytes.remove_prefix(length);
      continue;
    }
    memory::Pooled<raft::Message> message = raft::AcquireMessage();
    if (!message) {
      receiver_.ReportDropped();
      return absl::OkStatus();
    }
    const absl::StatusOr<size_t> taken =
        raft::DecodeMessage(bytes, memory::BufferPool::Default(), *message);
    // Out of buffers is overload too, anything else is damage.
    if (absl::IsResourceExhausted(taken.status())) {
      receiver_.ReportDropped();
      return absl::OkStatus();
    }
    if (!taken.ok()) return taken.status();
    bytes.remove_prefix(*taken);
    const absl::Status ours = receiver_.CheckAddress(*message);
    if (!ours.ok() && !raft::Mutated(raft::Mutation::kS25TakesForeignFrames)) return ours;
    if (thread_ == Thread::kLent) {
      receiver_.Deliver(std::move(message));
    } else {
      receiver_.Receive(std::move(message));
    }
  }
  return absl::OkStatus();
}

}  // namespace blixard::rpc
