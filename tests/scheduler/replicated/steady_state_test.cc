// Planning and applying allocate nothing per command in steady state.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "memory_optimization/allocation_tracker.h"
#include "memory_optimization/expect_allocations.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/placement_planner.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

// Counts what went well.
class CountingSink : public raft::OutcomeSink {
 public:
  void Set(size_t, absl::string_view outcome) override {
    ++(DecodeOutcome(outcome)->code == OutcomeCode::kOk ? done_ : failed_);
  }

  uint64_t done() const { return done_; }
  uint64_t failed() const { return failed_; }

 private:
  uint64_t done_ = 0;
  uint64_t failed_ = 0;
};

constexpr size_t kBatch = 16;
constexpr uint64_t kNodes = 260;
constexpr size_t kLag = 4;  // entries planned and not yet applied

// One leader whose applying lags behind its planning. Requests are encoded into strings kept for
// the purpose.
class SteadyLeader {
 public:
  SteadyLeader() {
    planner_.BeginTerm({1});
    for (uint64_t i = 0; i < kNodes; ++i) {
      requests_[i % kBatch] = RequestBytes(RegisterNode(++sequence_, absl::StrCat("node-", i)));
      Run({&requests_[i % kBatch], 1});
    }
  }

  // Rounds of a batch of creates and a batch of deletes of the same VMs.
  void Churn(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (const RequestOp op : {RequestOp::kCreateVm, RequestOp::kDeleteVm}) {
        for (size_t i = 0; i < kBatch; ++i) Encode(op, names_[i], requests_[i]);
        Run(requests_);
      }
    }
  }

  // Creates VMs that stay.
  void Grow(absl::Span<const std::string> names) {
    for (const std::string& name : names) {
      Encode(RequestOp::kCreateVm, name, requests_.front());
      Run({&requests_.front(), 1});
    }
  }

  StateSummary Summary() const { return machine_.Summary(); }
  const CountingSink& outcomes() const { return sink_; }

 private:
  void Encode(RequestOp op, const std::string& name, std::string& bytes) {
    bytes.clear();
    EncodeRequest({.op = op, .id = RequestOf(++sequence_), .name = name, .resources = kVmSize},
                  &bytes);
  }

  void Run(absl::Span<const std::string> requests) {
    std::array<absl::string_view, kBatch> views;
    for (size_t i = 0; i < requests.size(); ++i) views[i] = requests[i];
    memory::Buffer& payload = payloads_[planned_ % kLag];
    if (planned_ >= kLag) {
      machine_.Apply({.term = {1}, .index = {planned_ - kLag + 1}}, payload.view(), sink_);
    }
    payload = memory::BufferPool::Default().Acquire(4096).value();
    planner_.Plan({++planned_}, absl::MakeSpan(views).first(requests.size()), payload);
  }

  static std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (size_t i = 0; i < kBatch; ++i) {
      names.push_back(absl::StrCat("churn-", std::string(47, 'x'), 1000 + i));
    }
    return names;
  }

  PlacementStateMachine machine_{
      {.limits = {.remembered_requests = 256}, .checkpoint_interval = 8}};
  PlacementPlanner planner_{machine_};
  CountingSink sink_;
  std::vector<std::string> names_ = Names();
  std::vector<std::string> requests_ = std::vector<std::string>(kBatch);
  std::array<memory::Buffer, kLag> payloads_;
  uint64_t sequence_ = 0;
  uint64_t planned_ = 0;
};

TEST(SteadyStateTest, ChurnAllocatesNothing) {
  SteadyLeader leader;
  leader.Churn(50);
  EXPECT_ALLOCATIONS(0, { leader.Churn(500); });
  EXPECT_GT(leader.outcomes().done(), 500u * 2 * kBatch);
  EXPECT_EQ(leader.outcomes().failed(), 0u);
}

TEST(SteadyStateTest, AStandingVmCostsNoAllocationOfItsOwn) {
  SteadyLeader leader;
  leader.Churn(50);
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    names.push_back(absl::StrCat("stays-", std::string(47, 'y'), 1000 + i));
  }
  // What doubles on the way from 16 to 1,000 VMs: the name index 6 times, the slot set 6 times, and
  // what the planner has in flight, which grows by the names of two rounds.
  memory::AllocationTracker tracker("growth");
  leader.Grow(names);
  EXPECT_LE(tracker.Finish().allocations, 20u);
  EXPECT_EQ(leader.outcomes().failed(), 0u);
  EXPECT_GE(leader.Summary().vms, 1000u - kLag);
}

}  // namespace
}  // namespace blixard::scheduler
