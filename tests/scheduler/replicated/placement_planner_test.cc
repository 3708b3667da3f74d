#include "scheduler/replicated/placement_planner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/scheduler/replicated/recording_sink.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

class PlacementPlannerTest : public testing::Test {
 protected:
  // An entry planned from the requests.
  struct Entry {
    size_t taken = 0;
    memory::Buffer payload;
  };

  Entry Plan(uint64_t index, const std::vector<std::string>& requests, size_t capacity = 4096) {
    const std::vector<absl::string_view> views(requests.begin(), requests.end());
    Entry entry = {.payload = memory::BufferPool::Default().Acquire(capacity).value()};
    entry.taken = planner_.Plan({index}, views, entry.payload);
    return entry;
  }

  std::vector<Outcome> Apply(uint64_t index, const Entry& entry) {
    RecordingSink sink;
    machine_.Apply({.term = {1}, .index = {index}}, entry.payload.view(), sink);
    return sink.outcomes();
  }

  std::vector<Outcome> PlanAndApply(uint64_t index, const std::vector<std::string>& requests) {
    return Apply(index, Plan(index, requests));
  }

  static std::vector<Command> Read(const Entry& entry) {
    std::vector<Command> commands;
    CommandReader reader = CommandReader::Open(entry.payload.view()).value();
    while (reader.HasNext()) commands.push_back(reader.Next().value());
    return commands;
  }

  PlacementStateMachine machine_{
      {.limits = {.remembered_requests = 100}, .checkpoint_interval = 10}};
  PlacementPlanner planner_{machine_};
};

TEST_F(PlacementPlannerTest, DecidesAgainstWhatIsInFlight) {
  planner_.BeginTerm({1});
  std::vector<std::string> requests = {RequestBytes(RegisterNode(1, "n1")),
                                       RequestBytes(RegisterNode(2, "n2"))};
  const Entry nodes = Plan(1, requests);
  requests.clear();
  for (uint64_t i = 0; i < 9; ++i) {
    requests.push_back(RequestBytes(CreateVm(3 + i, absl::StrCat("vm-", i))));
  }
  const Entry vms = Plan(2, requests);
  EXPECT_EQ(vms.taken, 9u);
  Apply(1, nodes);
  const std::vector<Outcome> outcomes = Apply(2, vms);
  ASSERT_EQ(outcomes.size(), 9u);
  // Four fill the first node, four the second; best fit never opens one early.
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(outcomes[i].code, OutcomeCode::kOk);
    EXPECT_EQ(outcomes[i].node_id, NodeId{i < 4 ? 1u : 2u}) << "VM " << i;
  }
  EXPECT_EQ(outcomes[8].code, OutcomeCode::kNoFit);
  EXPECT_EQ(outcomes[8].no_fit, (NoFit{.nodes = 2, .lack_vcpu = 2}));
}

TEST_F(PlacementPlannerTest, ARepeatInFlightIsWrittenAndGetsTheFirstOutcome) {
  planner_.BeginTerm({1});
  const std::string create = RequestBytes(CreateVm(2, "a"));
  const Entry first = Plan(1, {RequestBytes(RegisterNode(1, "n1")), create, create});
  const Entry second = Plan(2, {create});
  EXPECT_EQ(planner_.planned().inventory().node(NodeId{1}).vm_count, 1u) << "charged once";
  const std::vector<Outcome> outcomes = Apply(1, first);
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(outcomes[1].code, OutcomeCode::kOk);
  EXPECT_EQ(outcomes[2], outcomes[1]);
  EXPECT_EQ(Apply(2, second), std::vector<Outcome>{outcomes[1]});
  EXPECT_EQ(PlanAndApply(3, {create}), std::vector<Outcome>{outcomes[1]}) << "and when applied";
  EXPECT_EQ(machine_.Summary().vms, 1u);
}

TEST_F(PlacementPlannerTest, BytesThatAreNoRequestKeepTheirPosition) {
  planner_.BeginTerm({1});
  const std::vector<Outcome> outcomes =
      PlanAndApply(1, {"", RequestBytes(RegisterNode(1, "n1")), std::string(200, '\xff')});
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(outcomes[0].code, OutcomeCode::kInvalid);
  EXPECT_EQ(outcomes[1].code, OutcomeCode::kOk);
  EXPECT_EQ(outcomes[2].code, OutcomeCode::kInvalid);
}

TEST_F(PlacementPlannerTest, TakesAsManyAsFitAndPlansNoMore) {
  planner_.BeginTerm({1});
  std::vector<std::string> requests;
  for (uint64_t i = 1; i <= 100; ++i) {
    requests.push_back(RequestBytes(RegisterNode(i, absl::StrCat("node-", i))));
  }
  const Entry entry = Plan(1, requests, 512);
  EXPECT_GT(entry.taken, 5u);
  EXPECT_LT(entry.taken, 100u);
  EXPECT_EQ(Read(entry).size(), entry.taken);
  EXPECT_EQ(planner_.planned().inventory().node_count(), entry.taken);
  EXPECT_EQ(Apply(1, entry).size(), entry.taken);
  EXPECT_EQ(machine_.Summary().nodes, entry.taken);
}

TEST_F(PlacementPlannerTest, AnyOneRequestFitsTheSmallestPayload) {
  planner_.BeginTerm({1});
  const std::string name(kMaxNameBytes, 'n');
  EXPECT_EQ(Plan(1, {RequestBytes(CreateVm(1, name))}, PlacementPlanner::kMinPayloadBytes).taken,
            1u);
}

TEST_F(PlacementPlannerTest, ComparesEachCheckpointOnceInATerm) {
  planner_.BeginTerm({1});
  EXPECT_EQ(Read(Plan(9, {RequestBytes(RemoveNode(1, "x"))})).size(), 1u);
  PlanAndApply(10, {RequestBytes(RemoveNode(2, "x"))});
  const std::vector<Command> commands = Read(Plan(11, {RequestBytes(RemoveNode(3, "x"))}));
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0].op, CommandOp::kCompareDigest);
  EXPECT_EQ(commands[0].checkpoint, machine_.latest_checkpoint());
  EXPECT_EQ(Read(Plan(12, {RequestBytes(RemoveNode(4, "x"))})).size(), 1u);
  planner_.EndTerm();
  planner_.BeginTerm({2});
  EXPECT_EQ(Read(Plan(13, {RequestBytes(RemoveNode(5, "x"))})).size(), 2u);
}

TEST_F(PlacementPlannerTest, AComparisonWaitsForAnEntryWithRoom) {
  planner_.BeginTerm({1});
  PlanAndApply(10, {RequestBytes(RemoveNode(1, "x"))});
  const std::string large = RequestBytes(RemoveNode(2, std::string(kMaxNameBytes, 'n')));
  const Entry full = Plan(11, {large}, 64 + 32 + 8);
  ASSERT_EQ(full.payload.capacity(), 128u);
  EXPECT_EQ(Read(full).size(), 2u);
  planner_.EndTerm();
  planner_.BeginTerm({2});
  const std::string larger = RequestBytes(CreateVm(3, std::string(kMaxNameBytes, 'n')));
  EXPECT_EQ(Read(Plan(12, {larger}, 128)).size(), 1u);
  EXPECT_EQ(Read(Plan(13, {larger}, 256)).size(), 2u);
}

TEST_F(PlacementPlannerTest, ANewTermStartsFromWhatIsApplied) {
  planner_.BeginTerm({1});
  PlanAndApply(1, {RequestBytes(RegisterNode(1, "n1"))});
  Plan(2, {RequestBytes(CreateVm(2, "lost"))});  // never committed
  planner_.EndTerm();
  planner_.BeginTerm({3});
  EXPECT_EQ(planner_.planned().inflight(), 0u);
  EXPECT_EQ(PlanAndApply(2, {RequestBytes(CreateVm(3, "lost"))}).front().code, OutcomeCode::kOk);
}

TEST_F(PlacementPlannerTest, ADecisionOfAStaleLeaderIsAConflictAndChangesNothing) {
  planner_.BeginTerm({1});
  PlanAndApply(1, {RequestBytes(RegisterNode(1, "n1"))});
  const Entry stale = Plan(2, {RequestBytes(CreateVm(2, "a"))});
  // Another leader's entries come first: the node is gone when the stale decision is applied.
  Apply(3, {.taken = 1, .payload = PayloadOf({RemoveNode(3, "n1")})});
  const StateDigest before = machine_.Read(
      [](const ClusterState& state, raft::LogIndex) { return state.placement_digest(); });
  EXPECT_EQ(Apply(4, stale).front().code, OutcomeCode::kConflict);
  EXPECT_EQ(machine_.Read(
                [](const ClusterState& state, raft::LogIndex) { return state.placement_digest(); }),
            before);
}

using PlacementPlannerDeathTest = PlacementPlannerTest;

TEST_F(PlacementPlannerDeathTest, PlanningOutsideOfATermStopsTheProcess) {
  EXPECT_DEATH(Plan(1, {"x"}), "outside of a term");
  planner_.BeginTerm({1});
  planner_.EndTerm();
  EXPECT_DEATH(Plan(1, {"x"}), "outside of a term");
}

TEST_F(PlacementPlannerDeathTest, APayloadWithoutRoomStopsTheProcess) {
  planner_.BeginTerm({1});
  const std::string large = RequestBytes(CreateVm(3, std::string(kMaxNameBytes, 'n')));
  EXPECT_DEATH(Plan(1, {large}, 64), "no request fits a payload of 64 bytes");
}

}  // namespace
}  // namespace blixard::scheduler
