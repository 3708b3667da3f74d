#include "scheduler/replicated/cluster_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "scheduler/replicated/judge.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

constexpr ClusterLimits kLimits = {.remembered_requests = 8};

// Two nodes, two VMs.
void FillSmall(ClusterState& state) {
  for (const Command& command : {RegisterNode(1, "n1"), RegisterNode(2, "n2"), CreateVm(3, "a"),
                                 CreateVm(4, "b", {.node = 2, .registration = 2})}) {
    ASSERT_EQ(CarryOut(command, state).code, OutcomeCode::kOk);
  }
}

TEST(ClusterStateTest, EqualHistoriesGiveEqualDigests) {
  ClusterState left(kLimits), right(kLimits);
  EXPECT_EQ(left.digest(), right.digest());
  FillSmall(left);
  FillSmall(right);
  EXPECT_EQ(left.digest(), right.digest());
  EXPECT_EQ(left.digest(), left.ComputeDigestFromScratch());
}

// Each change on top of the same small state; all digests must differ from it and from one another.
TEST(ClusterStateTest, AnySingleChangeGivesAnotherDigest) {
  const VmPlacement of_a = {.id = VmId{1}, .node = NodeId{1}, .resources = kVmSize};
  const std::vector<std::function<void(ClusterState&)>> changes = {
      [](ClusterState&) {},
      [](ClusterState& state) { state.AddNode("n3", kNodeCapacity); },
      [](ClusterState& state) { state.AddNode("n4", kNodeCapacity); },
      [](ClusterState& state) { state.AddNode("n3", kVmSize); },
      [&](ClusterState& state) { state.DeleteVm("a", of_a); },
      [](ClusterState& state) {
        state.CreateVm("c", {.id = VmId{3}, .node = NodeId{1}, .resources = kVmSize});
      },
      [](ClusterState& state) {
        state.CreateVm("c", {.id = VmId{3}, .node = NodeId{2}, .resources = kVmSize});
      },
      [](ClusterState& state) {
        state.CreateVm("d", {.id = VmId{3}, .node = NodeId{1}, .resources = kVmSize});
      },
      [](ClusterState& state) {
        state.CreateVm("c", {.id = VmId{3},
                             .node = NodeId{1},
                             .resources = {.vcpu_milli = 1, .memory_mib = 1, .disk_gib = 0}});
      },
      [&](ClusterState& state) {  // the same VM under a new id
        state.DeleteVm("a", of_a);
        state.CreateVm("a", {.id = VmId{3}, .node = NodeId{1}, .resources = kVmSize});
      },
      [](ClusterState& state) {  // only a counter is left of it
        const NodeId node = state.AddNode("n3", kNodeCapacity);
        state.RemoveNode(node);
      },
      [](ClusterState& state) { state.RecordOutcome(RequestOf(9), {.code = OutcomeCode::kOk}); },
      [](ClusterState& state) { state.RecordOutcome(RequestOf(8), {.code = OutcomeCode::kOk}); },
      [](ClusterState& state) {
        state.RecordOutcome(RequestOf(9), {.code = OutcomeCode::kConflict});
      }};
  std::vector<StateDigest> digests;
  for (const auto& change : changes) {
    ClusterState state(kLimits);
    ASSERT_NO_FATAL_FAILURE(FillSmall(state));
    change(state);
    EXPECT_EQ(state.digest(), state.ComputeDigestFromScratch()) << "change " << digests.size();
    for (size_t other = 0; other < digests.size(); ++other) {
      EXPECT_FALSE(digests[other] == state.digest())
          << "changes " << other << " and " << digests.size();
    }
    digests.push_back(state.digest());
  }
}

TEST(ClusterStateTest, ForgettingARequestChangesTheDigest) {
  ClusterState state({.remembered_requests = 2});
  for (uint64_t i = 1; i <= 5; ++i) {
    state.RecordOutcome(RequestOf(i), {.code = OutcomeCode::kNotFound});
    EXPECT_EQ(state.digest(), state.ComputeDigestFromScratch());
  }
  EXPECT_FALSE(state.FindOutcome(RequestOf(3)).has_value());
  EXPECT_TRUE(state.FindOutcome(RequestOf(4)).has_value());
}

TEST(ClusterStateTest, PlacementsAndRequestsHaveDigestsOfTheirOwn) {
  ClusterState state(kLimits);
  ASSERT_NO_FATAL_FAILURE(FillSmall(state));
  const StateDigest placements = state.placement_digest();
  const StateDigest requests = state.requests_digest();
  state.RecordOutcome(RequestOf(9), {.code = OutcomeCode::kOk});
  EXPECT_EQ(state.placement_digest(), placements);
  EXPECT_FALSE(state.requests_digest() == requests);
  StateDigest sum = state.placement_digest();
  EXPECT_EQ(state.digest(), sum += state.requests_digest());
}

TEST(ClusterStateDeathTest, LimitsBeyondTheTablesStopTheProcess) {
  EXPECT_DEATH(ClusterState({.max_nodes = Inventory::kMaxNodes + 1}), "max_nodes");
  EXPECT_DEATH(ClusterState({.max_vms = VmTable::kMaxVms + 1}), "max_vms");
  EXPECT_DEATH(ClusterState({.remembered_requests = 0}), "bound");
}

}  // namespace
}  // namespace blixard::scheduler
