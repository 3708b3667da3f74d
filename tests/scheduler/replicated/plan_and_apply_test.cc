// Leaders that plan ahead of what they apply, fall, and are followed by others, under random
// requests: what was planned is what is applied, on every replica.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scheduler/replicated/placement_planner.h"
#include "tests/scheduler/replicated/random_requests.h"
#include "tests/scheduler/replicated/recording_sink.h"

namespace blixard::scheduler {
namespace {

constexpr size_t kReplicas = 3;

// As the log of a group holds it, with what the leader expected of it.
struct LogEntry {
  raft::Term term;
  memory::Buffer payload;
  std::vector<std::optional<Outcome>> predicted;
};

struct Replica {
  explicit Replica(const PlacementOptions& options) : machine(options), planner(machine) {}

  PlacementStateMachine machine;
  PlacementPlanner planner;
  size_t applied = 0;  // entries of the log
};

template <class Reader>
auto ReadState(const PlacementStateMachine& machine, Reader&& reader) {
  return machine.Read([&](const ClusterState& state, raft::LogIndex) { return reader(state); });
}

// One log, replicas that apply it each at its own pace, and one leader at a time.
class Group {
 public:
  Group(uint64_t seed, const PlacementOptions& options)
      : random_(seed), requests_(seed), options_(options) {
    for (size_t i = 0; i < kReplicas; ++i) {
      replicas_.push_back(std::make_unique<Replica>(options));
    }
    Elect();
  }

  void Step() {
    const uint64_t kind = random_() % 100;
    if (kind < 50) return PlanEntry();
    if (kind < 98) return ApplySome();
    Fall();
    Elect();
  }

  // Applies everything everywhere and compares what must agree.
  void Settle() {
    for (const auto& replica : replicas_) ApplyThrough(*replica, log_.size());
    ExpectPlannedIsApplied();
    for (const auto& replica : replicas_) {
      const auto digest = [](const ClusterState& state) { return state.digest(); };
      const auto scratch = [](const ClusterState& state) {
        return state.ComputeDigestFromScratch();
      };
      EXPECT_EQ(ReadState(replica->machine, digest), ReadState(replica->machine, scratch));
      EXPECT_EQ(ReadState(replica->machine, digest), ReadState(replicas_.front()->machine, digest));
      EXPECT_TRUE(ReadState(replica->machine, [&](const ClusterState& state) {
        return ReadState(replicas_.front()->machine, [&](const ClusterState& first) {
          return first.inventory() == state.inventory();
        });
      }));
    }
  }

  uint64_t count(OutcomeCode code) const {
    const auto at = outcomes_.find(code);
    return at == outcomes_.end() ? 0 : at->second;
  }
  size_t entries() const { return log_.size(); }

 private:
  Replica& leader() { return *replicas_[leader_]; }

  // Index i of the log is entry i + 1: no gaps, as elections' empty entries leave them, are needed
  // here.
  raft::LogIndex IndexOf(size_t entry) const { return {entry + 1}; }

  void Elect() {
    leader_ = random_() % kReplicas;
    ++term_;
    ApplyThrough(leader(), log_.size());
    leader().planner.BeginTerm(term_);
    first_of_term_ = log_.size();
  }

  // What was not applied anywhere may be lost, from any entry on.
  void Fall() {
    leader().planner.EndTerm();
    size_t kept = first_of_term_;
    for (const auto& replica : replicas_) kept = std::max(kept, replica->applied);
    kept += random_() % (log_.size() - kept + 1);
    log_.resize(kept);
  }

  void PlanEntry() {
    std::vector<std::string> requests(1 + random_() % 8);
    for (std::string& request : requests) request = requests_.Next();
    const std::vector<absl::string_view> views(requests.begin(), requests.end());
    LogEntry entry;
    entry.term = term_;
    entry.payload = memory::BufferPool::Default().Acquire(random_() % 2 ? 256 : 4096).value();
    const size_t taken = leader().planner.Plan(IndexOf(log_.size()), views, entry.payload);
    // Of a request that is twice in the entry the last is predicted: the first may have been
    // forgotten and carried out again in between.
    for (auto at = views.begin(); at != views.begin() + taken; ++at) {
      const bool last = std::find(at + 1, views.begin() + taken, *at) == views.begin() + taken;
      entry.predicted.push_back(last ? Predict(*at) : std::nullopt);
    }
    log_.push_back(std::move(entry));
  }

  std::optional<Outcome> Predict(absl::string_view bytes) {
    const absl::StatusOr<Request> request = DecodeRequest(bytes);
    if (!request.ok()) return Outcome{.code = OutcomeCode::kInvalid};
    return leader().planner.planned().FindOutcome(request->id);
  }

  void ApplySome() {
    Replica& replica = *replicas_[random_() % kReplicas];
    ApplyThrough(replica, replica.applied + random_() % (log_.size() - replica.applied + 1));
  }

  void ApplyThrough(Replica& replica, size_t entries) {
    for (; replica.applied < entries; ++replica.applied) {
      const LogEntry& entry = log_[replica.applied];
      RecordingSink sink;
      replica.machine.Apply({.term = entry.term, .index = IndexOf(replica.applied)},
                            entry.payload.view(), sink);
      ASSERT_EQ(sink.outcomes().size(), entry.predicted.size());
      for (size_t i = 0; i < entry.predicted.size(); ++i) {
        const Outcome& outcome = sink.outcomes()[i];
        ++outcomes_[outcome.code];
        // Nothing: not predicted, or forgotten again within its own entry.
        if (entry.predicted[i]) {
          ASSERT_EQ(outcome, *entry.predicted[i]) << "entry " << IndexOf(replica.applied);
        }
      }
      const StateDigest digest = replica.machine.Summary().digest;
      ASSERT_EQ(digests_.try_emplace(replica.applied, digest).first->second, digest);
    }
  }

  void ExpectPlannedIsApplied() {
    const PlannedState& planned = leader().planner.planned();
    ReadState(leader().machine, [&](const ClusterState& state) {
      EXPECT_TRUE(planned.inventory() == state.inventory());
      EXPECT_EQ(planned.vm_count(), state.vm_count());
      EXPECT_EQ(planned.next_vm_id(), state.next_vm_id());
      return 0;
    });
  }

  std::mt19937_64 random_;
  RandomRequests requests_;
  PlacementOptions options_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<LogEntry> log_;
  std::map<size_t, StateDigest> digests_;  // of the first replica to apply the entry
  std::map<OutcomeCode, uint64_t> outcomes_;
  size_t leader_ = 0;
  size_t first_of_term_ = 0;
  raft::Term term_;
};

void RunGroups(const PlacementOptions& options) {
  std::map<OutcomeCode, uint64_t> seen;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Group group(seed, options);
    for (int step = 0; step < 600; ++step) {
      group.Step();
      if (step % 100 == 99) group.Settle();
      ASSERT_FALSE(testing::Test::HasFailure());
    }
    for (int code = 1; code <= 8; ++code) {
      seen[OutcomeCode{static_cast<uint8_t>(code)}] +=
          group.count(OutcomeCode{static_cast<uint8_t>(code)});
    }
  }
  EXPECT_EQ(seen[OutcomeCode::kConflict], 0u) << "a planner that plans right never conflicts";
  for (const auto& [code, count] : seen) {
    if (code == OutcomeCode::kConflict || code == OutcomeCode::kLimitReached) continue;
    EXPECT_GT(count, 50u) << "the workload does not cover \"" << OutcomeCodeName(code) << "\"";
  }
}

TEST(PlanAndApplyTest, WhatIsPlannedIsWhatIsApplied) {
  RunGroups({.limits = {.remembered_requests = 4000}, .checkpoint_interval = 4});
}

TEST(PlanAndApplyTest, AlsoWhenRequestsAreSoonForgottenAndLimitsReached) {
  RunGroups({.limits = {.max_nodes = 6, .max_vms = 15, .remembered_requests = 10},
             .checkpoint_interval = 4});
}

// The planning thread reads while the applying thread applies.
TEST(PlanAndApplyTest, PlanningRunsBesideApplying) {
  constexpr size_t kEntries = 1000;
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Replica replica({.limits = {.remembered_requests = 64}, .checkpoint_interval = 4});
  std::vector<LogEntry> log(kEntries);
  std::atomic<size_t> planned{0};
  std::vector<std::vector<Outcome>> outcomes(kEntries);
  std::thread applier([&] {
    for (size_t at = 0; at < kEntries; ++at) {
      while (planned.load(std::memory_order_acquire) <= at) std::this_thread::yield();
      RecordingSink sink;
      replica.machine.Apply({.term = {1}, .index = {at + 1}}, log[at].payload.view(), sink);
      outcomes[at] = sink.outcomes();
    }
  });
  RandomRequests requests(kSeed);
  replica.planner.BeginTerm({1});
  for (size_t at = 0; at < kEntries; ++at) {
    const std::vector<std::string> batch = {requests.Next()};
    const std::vector<absl::string_view> views(batch.begin(), batch.end());
    log[at].payload = memory::BufferPool::Default().Acquire(4096).value();
    ASSERT_EQ(replica.planner.Plan({at + 1}, views, log[at].payload), batch.size());
    for (const absl::string_view bytes : views) {
      const absl::StatusOr<Request> request = DecodeRequest(bytes);
      log[at].predicted.push_back(request.ok() ? replica.planner.planned().FindOutcome(request->id)
                                               : std::nullopt);
    }
    planned.store(at + 1, std::memory_order_release);
  }
  applier.join();
  for (size_t at = 0; at < kEntries; ++at) {
    ASSERT_EQ(outcomes[at].size(), log[at].predicted.size());
    for (size_t i = 0; i < outcomes[at].size(); ++i) {
      if (log[at].predicted[i]) {
        EXPECT_EQ(outcomes[at][i], *log[at].predicted[i]);
      }
    }
  }
  EXPECT_TRUE(ReadState(replica.machine, [&](const ClusterState& state) {
    return state.inventory() == replica.planner.planned().inventory();
  }));
}

}  // namespace
}  // namespace blixard::scheduler
