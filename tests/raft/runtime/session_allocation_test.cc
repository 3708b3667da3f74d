// Sessions in steady state: nothing is allocated per request, new or repeated, nor when sessions
// come and go.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/allocation_denial.h"
#include "memory_optimization/expect_allocations.h"
#include "raft/core/split_mix.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/session_request.h"
#include "raft/runtime/session_state_machine.h"
#include "raft/runtime/session_table.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {
namespace {

constexpr SessionTableOptions kOptions{
    .max_sessions = 64, .window = 8, .max_outcome_bytes = 256, .outcome_bytes = 1 << 14};

RequestId Id(ClientId client, uint64_t sequence) {
  return {.client = client, .sequence = RequestSequence{sequence}};
}

TEST(SessionAllocationTest, TheTableAllocatesNothingOnceItIsMade) {
  SessionTable table(kOptions);
  std::vector<ClientId> clients;
  for (uint64_t i = 1; i <= 64; ++i) clients.push_back(table.Register(LogIndex{i}));
  SplitMix random(1);
  const std::string outcome(200, 'x');
  uint64_t at = 100;
  EXPECT_ALLOCATIONS(0, {
    const memory::DenyAllocations deny("session table");
    for (int i = 0; i < 100'000; ++i, ++at) {
      const RequestId id = Id(clients[random.Below(64)], 1 + at / 100 + random.Below(8));
      const bool is_new = table.Admit(id, LogIndex{at}) == SessionTable::Admission::kNew;
      if (is_new) table.Remember(id, outcome);
      table.FindOutcome(id);
      if (random.Below(8) == 0) clients[random.Below(64)] = table.Register(LogIndex{at});
    }
  });
  EXPECT_GT(table.evictions(), 10'000u);
}

// Answers "ok" to everything.
class Agreeable : public StateMachine {
 public:
  void Apply(EntryId, absl::string_view payload, OutcomeSink& outcomes) override {
    PassThroughReader reader(payload);
    for (size_t position = 0; reader.Next()->has_value(); ++position) {
      outcomes.Set(position, "ok");
    }
  }
  std::unique_ptr<StateView> Freeze() override { return nullptr; }
  absl::Status Restore(SnapshotSource&) override { return absl::OkStatus(); }
};

class CountedOutcomes : public OutcomeSink {
 public:
  void Set(size_t, absl::string_view) override { ++count; }
  uint64_t count = 0;
};

TEST(SessionAllocationTest, TheStateMachineAllocatesNothingPerEntry) {
  Agreeable inner;
  SessionStateMachine sessions(inner, kOptions);
  CountedOutcomes outcomes;
  std::string payload;
  std::string request;
  uint64_t index = 0;
  const auto apply = [&](uint64_t sequence) {
    payload.clear();
    EncodeSessionRequest({}, request);
    AppendPassThroughRequest(request, payload);
    for (uint64_t repeated = 0; repeated < 4; ++repeated) {
      EncodeSessionRequest({.id = Id(ClientId{1}, sequence + repeated), .payload = "put"}, request);
      AppendPassThroughRequest(request, payload);
      AppendPassThroughRequest(request, payload);
    }
    sessions.Apply({.term = {1}, .index = {++index}}, payload, outcomes);
  };
  for (uint64_t sequence = 1; sequence <= 10; ++sequence) apply(sequence);
  EXPECT_ALLOCATIONS(0, {
    const memory::DenyAllocations deny("session state machine");
    for (uint64_t sequence = 11; sequence <= 10'000; ++sequence) apply(sequence);
  });
  EXPECT_EQ(outcomes.count, 9 * 10'000u);
}

}  // namespace
}  // namespace blixard::raft
