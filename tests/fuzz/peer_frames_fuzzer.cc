// What a peer sends over a connection: the hello and then frames of every kind, cut out of the
// stream (rpc/transport/tcp_hello.h, message_intake.h).
#include <glog/logging.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "raft/core/types.h"
#include "raft/runtime/heartbeat_bundle.h"
#include "raft/runtime/message_receiver.h"
#include "raft/storage/little_endian.h"
#include "raft/storage/snapshot_transfer.h"
#include "raft/storage/snapshot_transfer_codec.h"
#include "rpc/transport/message_intake.h"
#include "rpc/transport/tcp_hello.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/message_repair.h"

namespace blixard::fuzz {
namespace {

using raft::LoadLittleEndian;
using raft::Message;
using raft::StoreLittleEndian;
using rpc::MessageIntake;

// Every frame begins alike.
constexpr size_t kLengthAt = 4;
constexpr size_t kVersionAt = 8;
constexpr size_t kHeadBytes = 9;

constexpr raft::ClusterId kCluster{1};
constexpr raft::ReplicaId kPeer{2};
constexpr raft::ReplicaId kSelf{3};

// Puts together again what it was given: the front of what was sent.
class Receiver : public raft::MessageReceiver {
 public:
  absl::Status CheckAddress(const Message& message) const override {
    return message.to == kSelf ? absl::OkStatus() : absl::InvalidArgumentError("another replica");
  }
  void Receive(memory::Pooled<Message> message) override { raft::EncodeMessage(*message, taken_); }
  void Deliver(memory::Pooled<Message> message) override { raft::EncodeMessage(*message, taken_); }
  void CarryOut() override { ++rounds_; }
  void ReceiveFrame(absl::string_view frame) override {
    CHECK_GT(frame.size(), kVersionAt);
    taken_.append(frame.data(), frame.size());
  }
  void ReportDropped() override {}
  void ReportUnreachable(raft::ReplicaId) override {}

  const std::string& taken() const { return taken_; }
  uint64_t rounds() const { return rounds_; }

 private:
  std::string taken_;
  uint64_t rounds_ = 0;
};

void Take(absl::string_view frames, MessageIntake::Thread thread) {
  Receiver receiver;
  MessageIntake intake(receiver, thread);
  const absl::Status status = intake.Take(frames);
  const std::string& taken = receiver.taken();
  CHECK(frames.substr(0, taken.size()) == taken) << "other bytes came than were sent";
  CHECK_EQ(status.ok(), taken.size() == frames.size()) << status;
  CHECK_EQ(receiver.rounds(), thread == MessageIntake::Thread::kLent ? 1u : 0u);
}

// Returns what follows the hello, or everything where there is none.
absl::string_view ReadHello(absl::string_view bytes) {
  if (bytes.size() < rpc::kTcpHelloBytes) return bytes;
  const absl::StatusOr<size_t> size = rpc::TcpHelloBytes(bytes.substr(0, rpc::kTcpHelloBytes));
  if (!size.ok() || *size > bytes.size()) return bytes;
  const absl::StatusOr<rpc::TcpHello> hello = rpc::ReadTcpHello(bytes.substr(0, *size));
  CHECK(hello.ok()) << hello.status();
  std::string again;
  rpc::AppendTcpHello(*hello, again);
  CHECK(bytes.substr(0, *size) == again) << "a hello has two encodings";
  return bytes.substr(*size);
}

// Makes what can be read as frames, one after the other, such whose checksums are right.
void Repair(absl::Span<char> frames) {
  while (frames.size() >= kHeadBytes) {
    const size_t wanted = LoadLittleEndian<uint32_t>(frames.data() + kLengthAt);
    const absl::Span<char> frame = frames.subspan(0, std::max(wanted, kHeadBytes));
    if (frame[kVersionAt] == raft::kHeartbeatBundleVersion) {
      StoreLittleEndian(raft::ExtendCrc32c(0, {frame.data() + kLengthAt, frame.size() - kLengthAt}),
                        frame.data());
    } else {
      RepairMessage(frame);
    }
    frames.remove_prefix(frame.size());
  }
}

std::string Hello(const std::string& address) {
  std::string bytes;
  rpc::AppendTcpHello({.cluster = kCluster, .from = kPeer, .to = kSelf, .address = address}, bytes);
  return bytes;
}

std::string MessageTo(raft::ReplicaId to) {
  Message message;
  message.type = raft::MessageType::kHeartbeat;
  message.cluster = kCluster;
  message.from = kPeer;
  message.to = to;
  message.term = {4};
  std::string bytes;
  raft::EncodeMessage(message, bytes);
  return bytes;
}

std::string Bundle() {
  Message message;
  message.type = raft::MessageType::kHeartbeatReply;
  message.from = kPeer;
  message.to = kSelf;
  raft::HeartbeatBundle bundle({.from = kPeer, .to = kSelf}, 256);
  bundle.Add(message);
  return std::string(bundle.Seal());
}

std::string Piece() {
  std::string bytes;
  raft::Encode(raft::SnapshotAck{.route = {.cluster = kCluster, .from = kPeer, .to = kSelf}},
               bytes);
  return bytes;
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  const absl::string_view frames = ReadHello(bytes);
  Take(frames, MessageIntake::Thread::kNotLent);
  std::string repaired(frames);
  Repair(absl::MakeSpan(repaired));
  Take(repaired, MessageIntake::Thread::kLent);
}

std::vector<std::string> Seeds() {
  const std::string message = MessageTo(kSelf);
  return {Hello(""), Hello("host:7009") + message + Bundle() + Piece() + message,
          MessageTo(kPeer) + message, Bundle() + Bundle(), Piece() + std::string(9, '\1')};
}

}  // namespace blixard::fuzz
