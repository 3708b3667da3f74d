// Random work, random death, random survival of unsynced sectors: what was synced is always there,
// and what is there was always appended in that order.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/wal.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

class CrashingReplica {
 public:
  explicit CrashingReplica(uint64_t seed) : random_(seed) {}

  // One life of the process, from opening the log to some end.
  void Live() {
    ArmFault();
    absl::StatusOr<OpenedWal> opened = Wal::Open(files_, memory::BufferPool::Default(), options_);
    if (opened.ok()) {
      Adopt(ModelOf(opened->recovered));
      torn_ += opened->recovered.torn_bytes > 0 ? 1 : 0;
      Work(*opened->wal);
      opened->wal.reset();
    } else {
      // Nothing but the fault that was armed may keep a log from opening.
      ASSERT_TRUE(faulty_) << opened.status();
      ASSERT_NE(opened.status().code(), absl::StatusCode::kDataLoss) << opened.status();
    }
    if (dying_ || Chance(50)) files_.Crash(Chance(80) ? &random_ : nullptr);
    files_.FailWrite(0);
    files_.FailSync(0);
  }

  // The log opens without faults and holds one of the states it may hold.
  void Survive() {
    absl::StatusOr<OpenedWal> opened = Wal::Open(files_, memory::BufferPool::Default(), options_);
    ASSERT_THAT(opened, IsOk());
    Adopt(ModelOf(opened->recovered));
  }

  uint64_t torn() const { return torn_; }

 private:
  uint64_t Pick(uint64_t bound) { return random_() % bound; }
  bool Chance(uint64_t percent) { return Pick(100) < percent; }

  void ArmFault() {
    dying_ = Chance(60);
    faulty_ = dying_;
    if (dying_) {
      files_.DieAt(1 + Pick(40));
    } else if (Chance(40)) {
      faulty_ = true;
      Chance(50) ? files_.FailSync(1 + Pick(20)) : files_.FailWrite(1 + Pick(20));
    }
  }

  void Adopt(const LogModel& recovered) {
    const auto found = std::find(possible_.begin(), possible_.end(), recovered);
    if (found == possible_.end()) {
      ADD_FAILURE() << "recovered what was never there, or lost what was synced:\n"
                    << recovered << "\nsynced:\n"
                    << possible_.front() << "\nappended:\n"
                    << possible_.back();
    }
    possible_ = {recovered};
  }

  void Work(Wal& wal) {
    for (uint64_t round = 0; round < 30; ++round) {
      const bool alive = Chance(60) ? AppendSomething(wal) : SyncAll(wal);
      if (!alive) return;
    }
  }

  bool AppendSomething(Wal& wal) {
    const LogModel& now = possible_.back();
    HardState state = now.hard_state;
    if (Chance(15)) state = {.term = state.term + 1, .vote = {}, .commit = state.commit};
    if (state.vote == kNoReplica && Chance(50)) state.vote = ReplicaId{1 + Pick(3)};
    term_ = std::max(term_, state.term);
    const uint64_t uncommitted = now.last_index() - state.commit;
    const uint64_t cut = Chance(20) ? Pick(uncommitted + 1) : 0;
    if (cut > 0) ++term_;  // only a new term replaces entries
    state.term = std::max(state.term, term_);
    if (state.term > now.hard_state.term && state.vote == now.hard_state.vote) {
      state.vote = kNoReplica;
    }
    std::vector<Entry> entries;
    for (uint64_t i = Pick(4); i > 0; --i) {
      const LogIndex index = now.last_index() - cut + 1 + entries.size();
      entries.push_back(
          MakeEntry({.term = state.term, .index = index}, std::string(Pick(400), 'a' + Pick(26))));
    }
    const LogIndex last = entries.empty() ? now.last_index() : entries.back().index;
    if (Chance(50)) state.commit = state.commit + Pick(last - state.commit + 1);
    return Append(wal, state, entries);
  }

  bool Append(Wal& wal, const HardState& state, const std::vector<Entry>& entries) {
    const std::optional<HardState> change =
        state == possible_.back().hard_state ? std::nullopt : std::optional<HardState>(state);
    const std::vector<LogModel> steps = StepsOfAppend(possible_.back(), change, entries);
    possible_.insert(possible_.end(), steps.begin(), steps.end());
    return wal.Append(change, entries).ok();
  }

  bool SyncAll(Wal& wal) {
    if (!wal.Sync().ok()) return false;
    possible_ = {possible_.back()};
    return true;
  }

  std::mt19937_64 random_;
  MemoryFileSystem files_;
  const WalOptions options_ = {
      .directory = "/wal", .cluster = ClusterId{1}, .replica = ReplicaId{2}, .segment_bytes = 4096};
  // What a restart may find, oldest first; the front is what must be there.
  std::vector<LogModel> possible_ = {LogModel()};
  Term term_;
  bool dying_ = false;
  bool faulty_ = false;
  uint64_t torn_ = 0;
};

TEST(WalCrashTest, SyncedDataSurvivesAndTheRestIsAPrefix) {
  constexpr uint64_t kSeeds = 300;
  uint64_t torn = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CrashingReplica replica(seed);
    for (int life = 0; life < 8; ++life) replica.Live();
    replica.Survive();
    torn += replica.torn();
    if (HasFailure()) return;
  }
  EXPECT_GT(torn, kSeeds / 4) << "the crashes were too kind to test the cutting";
}

}  // namespace
}  // namespace blixard::raft
