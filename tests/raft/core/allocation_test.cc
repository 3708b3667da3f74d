// The promise of raw_node.h: in steady state the core allocates nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/expect_allocations.h"
#include "raft/core/log_chunks.h"
#include "raft/core/message_codec.h"
#include "raft/core/raw_node.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

constexpr absl::string_view kPayload = "a command of some length";

// Three replicas that exchange encoded messages, and reuse everything they touch.
class QuietGroup {
 public:
  // The logs keep every payload: blocks for `payloads` of them on each replica are made beforehand.
  explicit QuietGroup(size_t payloads) {
    std::vector<memory::Buffer> blocks;
    for (size_t i = 0; i < 3 * payloads; ++i) blocks.push_back(BufferOf(kPayload));
    blocks.clear();
    for (uint64_t id = 1; id <= 3; ++id) {
      RawNodeConfig config = ConfigOfOne();
      config.id = ReplicaId{id};
      nodes_.push_back(*RawNode::Create(config, FirstOf(3)));
      inboxes_.emplace_back();
    }
    nodes_[0]->Campaign();
    Settle();
  }

  RawNode& leader() { return *nodes_[0]; }

  void ProposeAndSettle(int proposals) {
    for (int i = 0; i < proposals; ++i) {
      absl::StatusOr<memory::Buffer> payload = memory::BufferPool::Default().AcquireCopy(kPayload);
      proposed_ += leader().Propose(*std::move(payload)).ok();
      Settle();
    }
  }

  void TickAndSettle(int ticks) {
    for (int i = 0; i < ticks; ++i) {
      for (const std::unique_ptr<RawNode>& node : nodes_) node->Tick();
      Settle();
    }
  }

  size_t proposed() const { return proposed_; }
  bool AllCommitted() const {
    return std::all_of(nodes_.begin(), nodes_.end(), [this](const auto& node) {
      return node->commit_index() == nodes_[0]->last_index() && !node->HasReady();
    });
  }

 private:
  void Settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (size_t i = 0; i < nodes_.size(); ++i) busy = WorkOn(i) || busy;
    }
  }

  bool WorkOn(size_t i) {
    inbox_.swap(inboxes_[i]);
    inboxes_[i].clear();
    absl::string_view rest = inbox_;
    while (!rest.empty()) {
      rest.remove_prefix(*DecodeMessage(rest, memory::BufferPool::Default(), message_));
      EXPECT_TRUE(nodes_[i]->Step(message_).ok());
    }
    const bool was_ready = nodes_[i]->HasReady();
    while (nodes_[i]->HasReady()) {
      const ReadyBatch& batch = nodes_[i]->Ready();
      Send(batch.messages);
      Send(batch.append.messages);
      nodes_[i]->Advance();
    }
    return was_ready;
  }

  void Send(absl::Span<const Message> messages) {
    for (const Message& message : messages) {
      EncodeMessage(message, inboxes_[static_cast<size_t>(message.to) - 1]);
    }
  }

  std::vector<std::unique_ptr<RawNode>> nodes_;
  std::vector<std::string> inboxes_;
  std::string inbox_;
  Message message_;
  size_t proposed_ = 0;
};

TEST(AllocationTest, ProposalsAndAcknowledgementsAllocateNothing) {
  QuietGroup group(1000);
  group.ProposeAndSettle(100);
  EXPECT_ALLOCATIONS(0, { group.ProposeAndSettle(800); });  // within the first chunk of the log
  EXPECT_EQ(group.proposed(), 900u);
  EXPECT_LT(group.leader().last_index().value, kLogChunkEntries);
  EXPECT_TRUE(group.AllCommitted());
}

TEST(AllocationTest, LogTakesOneChunkPerChunkOfEntries) {
  QuietGroup group(6 * kLogChunkEntries);
  // Four chunks: the vector of chunks has grown to hold the fifth to eighth.
  group.ProposeAndSettle(4 * kLogChunkEntries);
  // One chunk on each of three replicas, while the vector of five pointers grows to eight no more.
  group.ProposeAndSettle(kLogChunkEntries);
  EXPECT_ALLOCATIONS(3, { group.ProposeAndSettle(kLogChunkEntries); });
  EXPECT_TRUE(group.AllCommitted());
}

TEST(AllocationTest, HeartbeatsAllocateNothing) {
  QuietGroup group(10);
  group.TickAndSettle(30);
  EXPECT_ALLOCATIONS(0, { group.TickAndSettle(1000); });
  EXPECT_EQ(group.leader().role(), Role::kLeader);
}

TEST(AllocationTest, ElectionsAllocateNothing) {
  DrivenNode node(3);
  const auto campaign_alone = [&node](int ticks) {
    for (int i = 0; i < ticks; ++i) {
      node->Tick();
      while (node->HasReady()) {
        node->Ready();
        node->Advance();
      }
    }
  };
  campaign_alone(100);
  EXPECT_ALLOCATIONS(0, { campaign_alone(100); });
  EXPECT_GE(node->GetStatus().campaigns, 10u);
}

}  // namespace
}  // namespace blixard::raft
