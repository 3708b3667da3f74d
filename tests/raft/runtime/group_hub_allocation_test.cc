// The heartbeats of idle groups go from one process to another without one heap allocation.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "memory_optimization/allocation_denial.h"
#include "memory_optimization/expect_allocations.h"
#include "memory_optimization/object_pool.h"
#include "raft/runtime/group_hub.h"
#include "raft/runtime/local_transport.h"

namespace blixard::raft {
namespace {

constexpr uint64_t kGroups = 100;

// In place of a replica.
class Inbound : public MessageReceiver {
 public:
  absl::Status CheckAddress(const Message&) const override { return absl::OkStatus(); }
  void Receive(memory::Pooled<Message>) override { ++messages; }
  void Deliver(memory::Pooled<Message> message) override { Receive(std::move(message)); }
  void CarryOut() override {}
  void ReceiveFrame(absl::string_view) override {}
  void ReportDropped() override {}
  void ReportUnreachable(ReplicaId) override {}

  std::atomic<size_t> messages = 0;
};

std::unique_ptr<GroupHub> MakeHub(uint64_t self, Transport& wire) {
  // So small that a round needs many.
  auto hub = GroupHub::Create(
      {.self = ReplicaId{self}, .gather = absl::Seconds(1), .max_bundle_bytes = 512}, wire);
  EXPECT_TRUE(hub.ok()) << hub.status();
  return *std::move(hub);
}

TEST(GroupHubAllocationTest, HeartbeatsAndAnswersOfManyGroupsAllocateNothing) {
  LocalTransport wire;
  const std::unique_ptr<GroupHub> sender = MakeHub(1, wire);
  const std::unique_ptr<GroupHub> receiver = MakeHub(2, wire);
  wire.Connect(ReplicaId{2}, *receiver);
  Inbound inbound;
  std::vector<Transport*> outbound;
  for (uint64_t group = 1; group <= kGroups; ++group) {
    outbound.push_back(&sender->Join(ClusterId{group}));
    receiver->Join(ClusterId{group});
    receiver->Serve(ClusterId{group}, inbound);
  }
  Message message;
  message.from = ReplicaId{1};
  message.to = ReplicaId{2};
  message.term = Term{1};
  const auto round = [&] {
    for (uint64_t group = 1; group <= kGroups; ++group) {
      message.cluster = ClusterId{group};
      for (const MessageType type : {MessageType::kHeartbeat, MessageType::kHeartbeatReply}) {
        message.type = type;
        outbound[group - 1]->Send(message);
      }
      outbound[group - 1]->Flush();
    }
    sender->FlushHeartbeats();
  };
  round();
  EXPECT_ALLOCATIONS(0, {
    const memory::DenyAllocations denied("heartbeats of 100 groups");
    for (int i = 0; i < 100; ++i) round();
  });
  EXPECT_EQ(inbound.messages, 101 * 2 * kGroups);
  wire.Disconnect(ReplicaId{2});
}

}  // namespace
}  // namespace blixard::raft
