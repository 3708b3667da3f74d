// Whole groups under random loss, duplication, reordering, crashes and partitions, with every
// invariant checked after every step; then everything heals and must converge.
#include <glog/logging.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "raft/core/split_mix.h"
#include "tests/raft/core/invariants.h"
#include "tests/raft/core/replica_group.h"

namespace blixard::raft {
namespace {

struct Trial {
  uint64_t seed = 0;
  uint64_t voters = 3;
  int steps = 1500;
};

struct Totals {
  size_t leaders = 0;
  size_t committed = 0;
  size_t crashes = 0;
};

RawNodeConfig ConfigOf(const Trial& trial, SplitMix& random) {
  RawNodeConfig config;
  config.cluster = ClusterId{7};
  config.seed = trial.seed;
  config.election_ticks = 5;
  config.pre_vote = random.Below(4) != 0;
  config.check_quorum = random.Below(4) != 0;
  // Small enough that every limit is met.
  config.max_append_bytes = 40 + random.Below(200);
  config.max_inflight_messages = static_cast<uint32_t>(1 + random.Below(4));
  config.max_inflight_bytes = config.max_append_bytes * 2;
  config.max_uncommitted_bytes = 120;
  config.max_committed_bytes_per_ready = 1 + random.Below(150);
  return config;
}

Configuration VotersOf(const Trial& trial) {
  Configuration configuration;
  for (uint64_t id = 1; id <= trial.voters; ++id) configuration.voters.push_back(ReplicaId{id});
  return configuration;
}

class RandomGroup {
 public:
  explicit RandomGroup(const Trial& trial)
      : trial_(trial),
        random_(trial.seed * 31 + trial.voters),
        group_(ConfigOf(trial, random_), VotersOf(trial)),
        invariants_(group_) {}

  void Run() {
    for (int step = 0; step < trial_.steps; ++step) Act();
    HealAndConverge();
  }

  Totals totals() const {
    return {.leaders = invariants_.leaders(),
            .committed = invariants_.committed(),
            .crashes = crashes_};
  }

 private:
  ReplicaId AnyReplica() { return ReplicaId{1 + random_.Below(trial_.voters)}; }

  void Act() {
    const uint64_t dice = random_.Below(1000);
    if (dice < 550) {
      NetworkAct(dice);
    } else {
      ReplicaAct(AnyReplica(), dice);
    }
  }

  void NetworkAct(uint64_t dice) {
    if (group_.in_flight().empty()) return;
    // Mostly in order, sometimes not at all.
    const size_t size = group_.in_flight().size();
    const size_t position = random_.Below(random_.Below(3) == 0 ? size : 1);
    const ReplicaId to = group_.in_flight()[position].to;
    if (dice < 35) return group_.Drop(position);
    if (dice < 70) return group_.Duplicate(position);
    group_.Deliver(position);
    invariants_.CheckAfter(to);
    if (random_.Below(3) != 0) WorkSome(to);
  }

  void ReplicaAct(ReplicaId id, uint64_t dice) {
    if (dice < 556) return ToggleCut(id);
    if (!group_.IsUp(id)) {
      if (dice < 700) group_.Start(id);
      return;
    }
    if (dice < 562) return Crash(id);
    if (dice < 570) group_.node(id).Campaign();
    if (dice < 750) group_.node(id).Tick();
    if (dice >= 750 && dice < 850) Propose(id);
    if (dice >= 850 && dice < 855) group_.node(id).ReportUnreachable(AnyReplica());
    invariants_.CheckAfter(id);
    WorkSome(id);
  }

  // Half a batch now and then, so that the next step meets an open one.
  void WorkSome(ReplicaId id) {
    if (!group_.IsUp(id)) return;
    if (random_.Below(2) == 0) group_.FinishWork(id);
    if (random_.Below(2) == 0) {
      group_.BeginWork(id);
    } else {
      group_.Work(id);
    }
    invariants_.CheckAfter(id);
  }

  void Propose(ReplicaId id) {
    const std::string text = absl::StrCat("p", ++proposals_, std::string(random_.Below(60), '.'));
    const bool may = text.size() <= group_.node(id).UncommittedBytesLeft();
    CHECK_EQ(group_.Propose(id, text).ok(), may);
  }

  void ToggleCut(ReplicaId id) {
    if (random_.Below(2) == 0) {
      group_.Cut(id);
    } else {
      group_.Heal();
    }
  }

  void Crash(ReplicaId id) {
    ++crashes_;
    group_.Crash(id, random_.Below(group_.disk(id).unsynced_writes() + 1));
    invariants_.Forget(id);
  }

  void HealAndConverge() {
    group_.Heal();
    for (ReplicaId id : group_.ids()) {
      if (!group_.IsUp(id)) group_.Start(id);
    }
    bool proposed = false;
    for (int round = 0; round < 400; ++round) {
      for (ReplicaId id : group_.ids()) {
        group_.node(id).Tick();
        group_.Work(id);
      }
      group_.Settle();
      for (ReplicaId id : group_.ids()) invariants_.CheckAfter(id);
      const ReplicaId leader = group_.leader();
      if (leader == kNoReplica) continue;
      if (!proposed) {
        proposed = group_.Propose(leader, "the last").ok();
      } else if (HaveAllApplied("the last")) {
        return;
      }
    }
    LOG(FATAL) << "no convergence";
  }

  bool HaveAllApplied(absl::string_view text) const {
    for (ReplicaId id : group_.ids()) {
      const std::vector<Entry>& applied = group_.state(id).entries;
      if (applied.empty() || applied.back().payload.view() != text) return false;
      if (group_.node(id).last_index() != group_.node(id).commit_index()) return false;
    }
    return true;
  }

  const Trial trial_;
  SplitMix random_;
  ReplicaGroup group_;
  Invariants invariants_;
  size_t proposals_ = 0;
  size_t crashes_ = 0;
};

// Violations are CHECKs: this names the trial in the log before the process stops.
std::string* const running = new std::string();
// GNU's attribute, since glog's type has it and clang takes it for part of the type.
__attribute__((noreturn)) void PrintRunning() {
  fprintf(stderr, "while running %s\n", running->c_str());
  abort();
}

Totals RunSeeds(uint64_t voters, uint64_t seeds) {
  google::InstallFailureFunction(&PrintRunning);
  Totals sum;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    *running = absl::StrCat("voters=", voters, " seed=", seed);
    RandomGroup group({.seed = seed, .voters = voters});
    group.Run();
    const Totals totals = group.totals();
    sum.leaders += totals.leaders;
    sum.committed += totals.committed;
    sum.crashes += totals.crashes;
  }
  printf("voters=%d seeds=1..%d: %d leaders, %d entries committed, %d crashes\n",
         static_cast<int>(voters), static_cast<int>(seeds), static_cast<int>(sum.leaders),
         static_cast<int>(sum.committed), static_cast<int>(sum.crashes));
  return sum;
}

#ifdef NDEBUG
constexpr uint64_t kSeeds = 200;
#else
constexpr uint64_t kSeeds = 30;
#endif

TEST(RandomGroupTest, ThreeReplicasStaySafeAndConverge) {
  const Totals totals = RunSeeds(3, kSeeds);
  // Not a test of nothing.
  EXPECT_GT(totals.leaders, kSeeds * 2);
  EXPECT_GT(totals.committed, kSeeds * 10);
  EXPECT_GT(totals.crashes, kSeeds);
}

TEST(RandomGroupTest, FiveReplicasStaySafeAndConverge) {
  const Totals totals = RunSeeds(5, kSeeds);
  EXPECT_GT(totals.leaders, kSeeds * 2);
  EXPECT_GT(totals.committed, kSeeds * 5);
  EXPECT_GT(totals.crashes, kSeeds);
}

TEST(RandomGroupTest, OneReplicaStaysSafeAndConverges) {
  EXPECT_GT(RunSeeds(1, kSeeds).committed, kSeeds * 10);
}

}  // namespace
}  // namespace blixard::raft
