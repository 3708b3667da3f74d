// Bundles of heartbeats and what else reaches a hub (raft/runtime/heartbeat_bundle.h, group_hub.h).
#include <glog/logging.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/group_hub.h"
#include "raft/runtime/heartbeat_bundle.h"
#include "raft/runtime/message_receiver.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/transport.h"
#include "raft/storage/little_endian.h"
#include "tests/fuzz/fuzz_target.h"

namespace blixard::fuzz {
namespace {

using raft::HeartbeatBundle;
using raft::HeartbeatBundleReader;
using raft::Message;
using raft::StoreLittleEndian;

constexpr size_t kLengthAt = 4;
constexpr raft::ReplicaId kSelf{3};
constexpr raft::ReplicaId kPeer{5};
constexpr raft::ClusterId kGroup{7};
constexpr raft::ClusterId kOtherGroup{8};

class NoWire : public raft::Transport {
 public:
  void Send(const Message&) override {}
  void Flush() override {}
};

// A group's replica.
class Receiver : public raft::MessageReceiver {
 public:
  explicit Receiver(raft::ClusterId group) : group_(group) {}

  absl::Status CheckAddress(const Message&) const override { return absl::OkStatus(); }
  void Receive(memory::Pooled<Message> message) override {
    CHECK(message->cluster == group_) << "a message of another group";
    CHECK(message->to == kSelf) << "a message for another process";
    CHECK(HeartbeatBundle::CanCarry(*message));
  }
  void Deliver(memory::Pooled<Message> message) override { Receive(std::move(message)); }
  void CarryOut() override {}
  void ReceiveFrame(absl::string_view) override {}
  void ReportDropped() override {}
  void ReportUnreachable(raft::ReplicaId) override {}

 private:
  const raft::ClusterId group_;
};

// One for all inputs: it has a thread.
raft::GroupHub& Hub() {
  static raft::GroupHub& hub = *[] {
    static NoWire wire;
    static Receiver first(kGroup);
    static Receiver second(kOtherGroup);
    auto made = raft::GroupHub::Create({.self = kSelf, .gather = absl::ZeroDuration()}, wire);
    raft::GroupHub* const hub = std::move(made).value().release();
    hub->Join(kGroup);
    hub->Serve(kGroup, first);
    hub->Join(kOtherGroup);
    hub->Serve(kOtherGroup, second);
    return hub;
  }();
  return hub;
}

// What is intact says the same when it is written again.
bool Opens(absl::string_view bytes) {
  absl::StatusOr<HeartbeatBundleReader> reader = HeartbeatBundleReader::Open(bytes);
  if (!reader.ok()) return false;
  CHECK_GT(reader->records_left(), 0u);
  std::unique_ptr<HeartbeatBundle> again;
  memory::Pooled<Message> message = raft::AcquireMessage();
  CHECK(message);
  while (reader->records_left() > 0) {
    reader->Next(*message);
    CHECK(message->to == reader->to());
    if (again == nullptr) {
      again = std::make_unique<HeartbeatBundle>(
          HeartbeatBundle::Route{.from = message->from, .to = message->to}, bytes.size());
    }
    again->Add(*message);
  }
  CHECK(again->Seal() == bytes) << "a bundle has two encodings";
  return true;
}

void Receive(absl::string_view bytes) {
  const bool opens = Opens(bytes);
  const raft::GroupHubCounters before = Hub().counters();
  Hub().ReceiveFrame(bytes);
  const raft::GroupHubCounters after = Hub().counters();
  const uint64_t taken =
      after.bundles_received - before.bundles_received + after.misaddressed - before.misaddressed;
  CHECK_EQ(taken, opens ? 1u : 0u);
}

std::string Repaired(std::string frame) {
  if (frame.size() < raft::kHeartbeatBundleHeaderBytes) return frame;
  StoreLittleEndian(static_cast<uint32_t>(frame.size()), frame.data() + kLengthAt);
  StoreLittleEndian(raft::ExtendCrc32c(0, absl::string_view(frame).substr(kLengthAt)),
                    frame.data());
  return frame;
}

Message HeartbeatOf(raft::ClusterId group, raft::MessageType type) {
  Message message;
  message.type = type;
  message.cluster = group;
  message.from = kPeer;
  message.to = kSelf;
  message.term = {4};
  message.commit = {9};
  message.context = 11;
  return message;
}

std::string Sealed(const std::vector<Message>& messages) {
  HeartbeatBundle bundle({.from = kPeer, .to = messages.front().to}, 4096);
  for (const Message& message : messages) bundle.Add(message);
  return std::string(bundle.Seal());
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  Receive(bytes);
  Receive(Repaired(std::string(bytes)));
}

std::vector<std::string> Seeds() {
  const Message heartbeat = HeartbeatOf(kGroup, raft::MessageType::kHeartbeat);
  Message refusal = HeartbeatOf(kOtherGroup, raft::MessageType::kHeartbeatReply);
  refusal.reject = true;
  Message lost = HeartbeatOf(kGroup, raft::MessageType::kHeartbeatReply);
  lost.lost_data = true;
  Message elsewhere = heartbeat;
  elsewhere.to = kPeer;
  const Message unknown = HeartbeatOf(raft::ClusterId{9}, raft::MessageType::kHeartbeat);
  const std::vector<std::string> seeds = {Sealed({heartbeat}),
                                          Sealed({heartbeat, refusal, lost, unknown}),
                                          Sealed({elsewhere}), std::string(64, '\1')};
  for (size_t i = 0; i < 3; ++i) CHECK(Opens(seeds[i]) && Repaired(seeds[i]) == seeds[i]) << i;
  return seeds;
}

}  // namespace blixard::fuzz
