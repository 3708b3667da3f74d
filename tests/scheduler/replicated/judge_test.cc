#include "scheduler/replicated/judge.h"

#include <gtest/gtest.h>

#include <string>

#include "scheduler/replicated/cluster_state.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

class JudgeTest : public testing::Test {
 protected:
  Outcome Do(const Command& command) { return CarryOut(command, state_); }

  // Carries out a command that must change nothing but the requests remembered.
  OutcomeCode DoInVain(const Command& command) {
    const StateDigest before = state_.placement_digest();
    const Outcome outcome = Do(command);
    EXPECT_EQ(state_.placement_digest(), before);
    EXPECT_EQ(state_.digest(), state_.ComputeDigestFromScratch());
    return outcome.code;
  }

  ClusterState state_{{.max_nodes = 3, .max_vms = 4, .remembered_requests = 64}};
};

TEST_F(JudgeTest, RegistersANodeOnce) {
  const Outcome first = Do(RegisterNode(1, "n1"));
  EXPECT_EQ(first, (Outcome{.code = OutcomeCode::kOk, .node_id = NodeId{1}}));
  EXPECT_EQ(DoInVain(RegisterNode(2, "n1")), OutcomeCode::kAlreadyExists);
}

TEST_F(JudgeTest, RemovesAnEmptyNodeOnly) {
  Do(RegisterNode(1, "n1"));
  Do(CreateVm(2, "a"));
  EXPECT_EQ(DoInVain(RemoveNode(3, "n1")), OutcomeCode::kNodeNotEmpty);
  Do(DeleteVm(4, "a"));
  EXPECT_EQ(Do(RemoveNode(5, "n1")), (Outcome{.code = OutcomeCode::kOk, .node_id = NodeId{1}}));
  EXPECT_EQ(DoInVain(RemoveNode(6, "n1")), OutcomeCode::kNotFound);
}

TEST_F(JudgeTest, CreatesAndDeletesVmsUnderIdsThatAreNeverUsedAgain) {
  Do(RegisterNode(1, "n1"));
  const Outcome first = Do(CreateVm(2, "a"));
  EXPECT_EQ(first, (Outcome{.code = OutcomeCode::kOk, .node_id = NodeId{1}, .vm_id = VmId{1}}));
  EXPECT_EQ(DoInVain(CreateVm(3, "a")), OutcomeCode::kAlreadyExists);
  EXPECT_EQ(Do(DeleteVm(4, "a")), first);
  EXPECT_EQ(DoInVain(DeleteVm(5, "a")), OutcomeCode::kNotFound);
  EXPECT_EQ(Do(CreateVm(6, "a")).vm_id, VmId{2});
}

TEST_F(JudgeTest, NoFitIsPassedOnWithItsReasons) {
  const Command command = CreateWithoutFit(1, "a");
  const Outcome outcome = Do(command);
  EXPECT_EQ(outcome.code, OutcomeCode::kNoFit);
  EXPECT_EQ(outcome.no_fit, command.no_fit);
}

TEST_F(JudgeTest, ADecisionForAFullNodeIsAConflict) {
  Do(RegisterNode(1, "n1"));
  for (uint64_t i = 1; i <= 3; ++i) Do(CreateVm(1 + i, "abc" + std::string(1, 'a' + i)));
  Command large = CreateVm(9, "large");
  large.resources.vcpu_milli = 1001;
  EXPECT_EQ(DoInVain(large), OutcomeCode::kConflict);
  EXPECT_EQ(Do(CreateVm(10, "last")).code, OutcomeCode::kOk);
}

TEST_F(JudgeTest, ADecisionForAnAbsentNodeIsAConflict) {
  EXPECT_EQ(DoInVain(CreateVm(1, "a")), OutcomeCode::kConflict);
  Do(RegisterNode(2, "n1"));
  EXPECT_EQ(DoInVain(CreateVm(3, "a", {.node = 2, .registration = 1})), OutcomeCode::kConflict);
  EXPECT_EQ(DoInVain(CreateVm(4, "a", {.node = ~0u, .registration = 1})), OutcomeCode::kConflict);
}

TEST_F(JudgeTest, ADecisionForTheNodeThatHadTheIdBeforeIsAConflict) {
  Do(RegisterNode(1, "n1"));
  Do(RemoveNode(2, "n1"));
  ASSERT_EQ(Do(RegisterNode(3, "n1")).node_id, NodeId{1});
  EXPECT_EQ(DoInVain(CreateVm(4, "a", {.node = 1, .registration = 1})), OutcomeCode::kConflict);
  EXPECT_EQ(Do(CreateVm(5, "a", {.node = 1, .registration = 2})).code, OutcomeCode::kOk);
}

TEST_F(JudgeTest, ARepeatedRequestGetsTheFirstOutcomeAndChangesNothing) {
  Do(RegisterNode(1, "n1"));
  const Outcome created = Do(CreateVm(2, "a"));
  const Outcome deleted = Do(DeleteVm(3, "a"));
  const StateDigest before = state_.digest();
  EXPECT_EQ(Do(CreateVm(2, "a")), created);
  EXPECT_EQ(Do(DeleteVm(3, "a")), deleted);
  EXPECT_EQ(Do(RegisterNode(1, "n1")).node_id, NodeId{1});
  EXPECT_EQ(state_.digest(), before);
}

TEST_F(JudgeTest, AConflictIsRememberedToo) {
  EXPECT_EQ(Do(CreateVm(1, "a")).code, OutcomeCode::kConflict);
  Do(RegisterNode(2, "n1"));
  EXPECT_EQ(Do(CreateVm(1, "a")).code, OutcomeCode::kConflict);
}

TEST_F(JudgeTest, TheLimitsAreOutcomes) {
  for (uint64_t i = 1; i <= 3; ++i) Do(RegisterNode(i, "n" + std::to_string(i)));
  EXPECT_EQ(DoInVain(RegisterNode(4, "n4")), OutcomeCode::kLimitReached);
  for (uint64_t i = 1; i <= 4; ++i) {
    EXPECT_EQ(Do(CreateVm(10 + i, "v" + std::to_string(i))).code, OutcomeCode::kOk);
  }
  EXPECT_EQ(DoInVain(CreateVm(20, "v5", {.node = 2, .registration = 2})),
            OutcomeCode::kLimitReached);
  Do(DeleteVm(21, "v1"));
  EXPECT_EQ(Do(CreateVm(22, "v5", {.node = 2, .registration = 2})).code, OutcomeCode::kOk);
}

TEST_F(JudgeTest, WhatCouldNotBeDecodedIsInvalidAndNotRemembered) {
  const StateDigest before = state_.digest();
  EXPECT_EQ(Do({.op = CommandOp::kInvalid}).code, OutcomeCode::kInvalid);
  EXPECT_EQ(state_.digest(), before);
}

TEST_F(JudgeTest, AComparisonHasNoOutcome) {
  EXPECT_DEATH(Do(CompareDigest({})), "has no outcome");
}

}  // namespace
}  // namespace blixard::scheduler
