#include "scheduler/replicated/placement_state_machine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <initializer_list>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/scheduler/replicated/recording_sink.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

const PlacementOptions kOptions = {
    .limits = {.max_nodes = 100, .max_vms = 10000, .remembered_requests = 1000},
    .checkpoint_interval = 4};

class PlacementStateMachineTest : public testing::Test {
 protected:
  std::vector<Outcome> Apply(uint64_t index, std::initializer_list<Command> commands) {
    RecordingSink sink;
    const memory::Buffer payload = PayloadOf(commands);
    machine_.Apply({.term = {1}, .index = {index}}, payload.view(), sink);
    return sink.outcomes();
  }

  std::vector<std::string> VmsOfPage(const PageRequest& page, uint64_t* next) const {
    std::vector<std::string> names;
    *next = machine_.ListVms(page, [&](const VmDetails& vm) { names.emplace_back(vm.name.view()); })
                .next_page_token;
    return names;
  }

  PlacementStateMachine machine_{kOptions};
};

TEST_F(PlacementStateMachineTest, AnswersEachRequestAtItsPosition) {
  const std::vector<Outcome> outcomes =
      Apply(7, {RegisterNode(1, "n1"), CreateVm(2, "a"), CreateVm(3, "a")});
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(outcomes[0].code, OutcomeCode::kOk);
  EXPECT_EQ(outcomes[1].vm_id, VmId{1});
  EXPECT_EQ(outcomes[2].code, OutcomeCode::kAlreadyExists);
  EXPECT_EQ(machine_.applied_index(), raft::LogIndex{7});
}

TEST_F(PlacementStateMachineTest, ReadsShowWhatIsAppliedAndSince) {
  Apply(1, {RegisterNode(1, "n1"), CreateVm(2, "a")});
  const VmReading found = machine_.FindVm("a");
  ASSERT_TRUE(found.vm.has_value());
  EXPECT_EQ(found.applied_index, raft::LogIndex{1});
  EXPECT_EQ(found.vm->id, VmId{1});
  EXPECT_EQ(found.vm->name.view(), "a");
  EXPECT_EQ(found.vm->resources, kVmSize);
  EXPECT_EQ(found.vm->node, NodeId{1});
  EXPECT_EQ(found.vm->node_name.view(), "n1");
  EXPECT_FALSE(machine_.FindVm("b").vm.has_value());
  const StateSummary summary = machine_.Summary();
  EXPECT_EQ(summary.nodes, 1u);
  EXPECT_EQ(summary.vms, 1u);
  EXPECT_EQ(summary.applied_index, raft::LogIndex{1});
  EXPECT_EQ(summary.digest, machine_.Read([](const ClusterState& state, raft::LogIndex) {
    return state.ComputeDigestFromScratch();
  }));
}

TEST_F(PlacementStateMachineTest, ListsNodesPageByPage) {
  Apply(1, {RegisterNode(1, "n1"), RegisterNode(2, "n2"), RegisterNode(3, "n3"), CreateVm(4, "a"),
            RemoveNode(5, "n2")});
  std::vector<NodeDetails> nodes;
  const auto keep = [&](const NodeDetails& node) { nodes.push_back(node); };
  const PageEnd first = machine_.ListNodes({.page_token = 0, .page_size = 1}, keep);
  ASSERT_NE(first.next_page_token, 0u);
  const PageEnd second =
      machine_.ListNodes({.page_token = first.next_page_token, .page_size = 1}, keep);
  EXPECT_EQ(second.next_page_token, 0u);
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].name.view(), "n1");
  EXPECT_EQ(nodes[0].used, kVmSize);
  EXPECT_EQ(nodes[0].capacity, kNodeCapacity);
  EXPECT_EQ(nodes[0].vms, 1u);
  EXPECT_EQ(nodes[1].id, NodeId{3});
}

TEST_F(PlacementStateMachineTest, AVmThatStaysIsInExactlyOnePageWhateverComesAndGoes) {
  Apply(1, {RegisterNode(1, "n1"), CreateVm(2, "a"), CreateVm(3, "b"), CreateVm(4, "c"),
            CreateVm(5, "d")});
  uint64_t next = 0;
  EXPECT_EQ(VmsOfPage({.page_size = 2}, &next), (std::vector<std::string>{"a", "b"}));
  Apply(2, {DeleteVm(6, "a"), DeleteVm(7, "c"), CreateVm(8, "e")});
  EXPECT_EQ(VmsOfPage({.page_token = next, .page_size = 2}, &next),
            (std::vector<std::string>{"d"}));
  EXPECT_EQ(next, 0u);
}

TEST_F(PlacementStateMachineTest, AnyPageTokenIsSafe) {
  Apply(1, {RegisterNode(1, "n1"), CreateVm(2, "a")});
  for (const uint64_t token : {uint64_t{1}, uint64_t{63}, uint64_t{1} << 24, ~uint64_t{0}}) {
    uint64_t next = 1;
    EXPECT_TRUE(VmsOfPage({.page_token = token, .page_size = 10}, &next).empty());
    EXPECT_EQ(next, 0u);
    machine_.ListNodes({.page_token = token, .page_size = 10}, [](const NodeDetails&) {});
  }
}

TEST_F(PlacementStateMachineTest, AnEmptyListingIsOnePage) {
  uint64_t next = 1;
  EXPECT_TRUE(VmsOfPage({}, &next).empty());
  EXPECT_EQ(next, 0u);
}

TEST_F(PlacementStateMachineTest, AMatchingComparisonHasNoPositionAndChangesNothing) {
  Apply(3, {RegisterNode(1, "n1")});
  EXPECT_FALSE(machine_.latest_checkpoint().has_value());
  Apply(5, {RegisterNode(2, "n2")});
  const Checkpoint checkpoint = machine_.latest_checkpoint().value();
  EXPECT_EQ(checkpoint.index, raft::LogIndex{5});
  EXPECT_EQ(checkpoint.digest, machine_.Summary().digest);
  const std::vector<Outcome> outcomes =
      Apply(6, {CompareDigest(checkpoint), RegisterNode(3, "n3")});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].node_id, NodeId{3});
  const StateDigest before = machine_.Summary().digest;
  EXPECT_TRUE(Apply(7, {CompareDigest(checkpoint)}).empty());
  EXPECT_EQ(machine_.Summary().digest, before);
}

TEST_F(PlacementStateMachineTest, AComparisonAtAnUnknownCheckpointIsIgnored) {
  Apply(5, {RegisterNode(1, "n1")});
  Apply(6, {CompareDigest({.index = {4}, .digest = {.high = 1, .low = 2}})});
  EXPECT_EQ(machine_.applied_index(), raft::LogIndex{6});
}

using PlacementStateMachineDeathTest = PlacementStateMachineTest;

TEST_F(PlacementStateMachineDeathTest, AReplicaThatDiffersStops) {
  Apply(4, {RegisterNode(1, "n1")});
  Checkpoint checkpoint = machine_.latest_checkpoint().value();
  checkpoint.digest += {.high = 0, .low = 1};
  EXPECT_DEATH(Apply(5, {CompareDigest(checkpoint)}),
               absl::StrCat("replicas differ after entry 4: this one's state digest is ",
                            FormatDigest(machine_.Summary().digest), ", the leader's was ",
                            FormatDigest(checkpoint.digest)));
}

TEST_F(PlacementStateMachineDeathTest, AnEntryThatCannotBeReadStopsTheReplica) {
  RecordingSink sink;
  EXPECT_DEATH(machine_.Apply({.term = {3}, .index = {9}}, "garbage", sink),
               "entry 9 of term 3.*commands: want a header");
}

TEST_F(PlacementStateMachineDeathTest, AnEntryAppliedTwiceStopsTheReplica) {
  Apply(4, {RegisterNode(1, "n1")});
  EXPECT_DEATH(Apply(4, {RegisterNode(1, "n1")}), "applied twice");
}

TEST_F(PlacementStateMachineTest, ReadersSeeWholeEntriesOnly) {
  Apply(1, {RegisterNode(1, "n1")});
  std::atomic<bool> done{false};
  std::atomic<uint64_t> readings{0};
  std::thread reader([&] {
    while (!done) {
      size_t vms = 0;
      uint32_t counted = 0;
      machine_.ListVms({}, [&](const VmDetails&) { ++vms; });
      machine_.ListNodes({}, [&](const NodeDetails& node) { counted += node.vms; });
      EXPECT_EQ(vms % 2, 0u) << "half an entry is visible";
      EXPECT_EQ(counted % 2, 0u);
      machine_.FindVm("a");
      machine_.Summary();
      ++readings;
    }
  });
  for (uint64_t index = 2; index < 300 || readings < 3; ++index) {
    const uint64_t sequence = index * 2;
    if (index % 2 == 0) {
      Apply(index, {CreateVm(sequence, "a"), CreateVm(sequence + 1, "b")});
    } else {
      Apply(index, {DeleteVm(sequence, "a"), DeleteVm(sequence + 1, "b")});
    }
  }
  done = true;
  reader.join();
}

}  // namespace
}  // namespace blixard::scheduler
