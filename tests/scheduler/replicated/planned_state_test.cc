#include "scheduler/replicated/planned_state.h"

#include <gtest/gtest.h>

#include "scheduler/replicated/judge.h"
#include "tests/scheduler/replicated/recording_sink.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

class PlannedStateTest : public testing::Test {
 protected:
  PlannedStateTest() {
    Apply(1, {RegisterNode(1, "n1"), CreateVm(2, "applied")});
    planned_.CopyApplied();
  }

  void Apply(uint64_t index, std::initializer_list<Command> commands) {
    RecordingSink sink;
    const memory::Buffer payload = PayloadOf(commands);
    machine_.Apply({.term = {1}, .index = {index}}, payload.view(), sink);
  }

  Outcome Plan(uint64_t index, const Command& command) {
    planned_.BeginEntry({index});
    return CarryOut(command, planned_);
  }

  PlacementStateMachine machine_{{.limits = {.remembered_requests = 4}}};
  PlannedState planned_{machine_};
};

TEST_F(PlannedStateTest, StartsAsWhatIsApplied) {
  EXPECT_TRUE(planned_.FindVm("applied").has_value());
  EXPECT_TRUE(planned_.FindOutcome(RequestOf(2)).has_value());
  EXPECT_EQ(planned_.vm_count(), 1u);
  EXPECT_EQ(planned_.next_vm_id(), VmId{2});
  EXPECT_EQ(planned_.inventory().node(NodeId{1}).used, kVmSize);
  EXPECT_EQ(planned_.inflight(), 0u);
}

TEST_F(PlannedStateTest, ShowsWhatIsInFlightBeforeItIsApplied) {
  EXPECT_EQ(Plan(2, CreateVm(3, "new")).vm_id, VmId{2});
  EXPECT_EQ(planned_.FindVm("new")->id, VmId{2});
  EXPECT_EQ(planned_.inventory().node(NodeId{1}).used, kVmSize + kVmSize);
  EXPECT_EQ(Plan(3, DeleteVm(4, "applied")).vm_id, VmId{1});
  EXPECT_FALSE(planned_.FindVm("applied").has_value()) << "deleted, although it is still applied";
  EXPECT_EQ(planned_.vm_count(), 1u);
  EXPECT_FALSE(machine_.FindVm("new").vm.has_value());
  EXPECT_TRUE(machine_.FindVm("applied").vm.has_value());
}

TEST_F(PlannedStateTest, ForgetsWhatHasBeenApplied) {
  Plan(2, CreateVm(3, "new"));
  Plan(3, DeleteVm(4, "new"));
  EXPECT_EQ(planned_.inflight(), 3u);
  Apply(2, {CreateVm(3, "new")});
  planned_.BeginEntry({4});
  EXPECT_EQ(planned_.inflight(), 2u);
  EXPECT_FALSE(planned_.FindVm("new").has_value()) << "its deletion is in flight";
  Apply(3, {DeleteVm(4, "new")});
  planned_.BeginEntry({5});
  EXPECT_EQ(planned_.inflight(), 0u);
  EXPECT_FALSE(planned_.FindVm("new").has_value());
}

TEST_F(PlannedStateTest, ARequestInFlightIsAnsweredAndNotPlannedAgain) {
  const Outcome first = Plan(2, CreateVm(3, "new"));
  EXPECT_EQ(Plan(3, CreateVm(3, "new")), first);
  EXPECT_EQ(planned_.inventory().node(NodeId{1}).vm_count, 2u);
  EXPECT_EQ(planned_.vm_count(), 2u);
}

TEST_F(PlannedStateTest, ForgetsRequestsAsTheTableWillHaveForgottenThem) {
  ASSERT_TRUE(planned_.FindOutcome(RequestOf(1)).has_value());
  for (uint64_t i = 3; i <= 4; ++i) Plan(i, DeleteVm(i, "nobody"));
  ASSERT_TRUE(planned_.FindOutcome(RequestOf(1)).has_value()) << "the fourth of four";
  Plan(5, DeleteVm(5, "nobody"));
  EXPECT_FALSE(planned_.FindOutcome(RequestOf(1)).has_value()) << "the fifth pushes it out";
  EXPECT_TRUE(machine_.Read([](const ClusterState& state, raft::LogIndex) {
    return state.FindOutcome(RequestOf(1)).has_value();
  })) << "the applied table still has it";
  for (uint64_t i = 6; i <= 7; ++i) Plan(i, DeleteVm(i, "nobody"));
  EXPECT_FALSE(planned_.FindOutcome(RequestOf(3)).has_value()) << "in flight and pushed out";
}

TEST_F(PlannedStateTest, CopyAppliedDropsWhatIsInFlight) {
  Plan(2, CreateVm(3, "new"));
  planned_.CopyApplied();
  EXPECT_EQ(planned_.inflight(), 0u);
  EXPECT_FALSE(planned_.FindVm("new").has_value());
  EXPECT_EQ(planned_.next_vm_id(), VmId{2});
  EXPECT_EQ(Plan(2, CreateVm(4, "new")).code, OutcomeCode::kOk);
}

TEST_F(PlannedStateTest, AnIndexThatFallsStopsTheProcess) {
  planned_.BeginEntry({2});
  EXPECT_DEATH(planned_.BeginEntry({2}), "index_ < index");
}

}  // namespace
}  // namespace blixard::scheduler
