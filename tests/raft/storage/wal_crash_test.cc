// Random work (appends, overwrites, compactions, snapshots, segments made ahead, recycled, or not
// for want of room), random death, random survival of unsynced sectors: what was synced is always
// there, and what is there was always appended in that order.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/split_mix.h"
#include "raft/storage/wal.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

class CrashingReplica {
 public:
  explicit CrashingReplica(uint64_t seed) : random_(seed) {
    // Of several blocks, so that a recycled segment keeps old frames behind the new ones.
    if (Chance(50)) options_.segment_bytes = 3 * kDirectBytes;
  }

  // One life of the process, from opening the log to some end.
  void Live() {
    ArmFault();
    absl::StatusOr<OpenedWal> opened = Wal::Open(files_, memory::BufferPool::Default(), options_);
    if (opened.ok()) {
      Adopt(ModelOf(opened->recovered));
      torn_ += opened->recovered.torn_bytes > 0 ? 1 : 0;
      Work(*opened->wal);
      recycled_ += opened->wal->stats().segments_recycled;
      opened->wal.reset();
    } else {
      // Nothing but the fault that was armed may keep a log from opening.
      ASSERT_TRUE(faulty_) << opened.status();
      ASSERT_NE(opened.status().code(), absl::StatusCode::kDataLoss) << opened.status();
    }
    if (dying_ || Chance(50)) files_.Crash(Chance(80) ? &random_ : nullptr);
    files_.FailWrite(0);
    files_.FailSync(0);
    files_.set_capacity_bytes(UINT64_MAX);
  }

  // The log opens without faults and holds one of the states it may hold.
  void Survive() {
    absl::StatusOr<OpenedWal> opened = Wal::Open(files_, memory::BufferPool::Default(), options_);
    ASSERT_THAT(opened, IsOk());
    Adopt(ModelOf(opened->recovered));
  }

  uint64_t torn() const { return torn_; }
  uint64_t recycled() const { return recycled_; }
  uint64_t refused() const { return refused_; }

 private:
  uint64_t Pick(uint64_t bound) { return random_.Below(bound); }
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
    for (uint64_t round = 0; round < 40; ++round) {
      if (!DoSomething(wal)) return;
    }
  }

  // False: the disk failed, and with it the log.
  bool DoSomething(Wal& wal) {
    const uint64_t choice = Pick(100);
    if (choice < 45) return AppendSomething(wal);
    if (choice < 75) return SyncAll(wal);
    if (choice < 85) return Compact(wal);
    if (choice < 87) return Install(wal);
    if (choice < 89) FillDisk();
    wal.PrepareStep();
    return true;
  }

  // For the rest of this life.
  void FillDisk() {
    files_.set_capacity_bytes(UINT64_MAX);
    const absl::StatusOr<uint64_t> free = files_.FreeBytes(options_.directory);
    if (!free.ok()) return;  // the machine is off by now
    files_.set_capacity_bytes(UINT64_MAX - *free + Pick(3) * options_.segment_bytes);
  }

  bool Compact(Wal& wal) {
    LogModel next = possible_.back();
    const uint64_t committed = next.hard_state.commit - next.base.index;
    if (committed == 0) return true;
    const EntryId through = next.IdAt(next.base.index + 1 + Pick(committed));
    next.CompactThrough(through);
    return TryTo({next}, wal.CompactThrough(through));
  }

  bool Install(Wal& wal) {
    LogModel next = possible_.back();
    term_ = std::max(term_, next.hard_state.term) + Pick(2);
    const EntryId last = {.term = term_, .index = next.hard_state.commit + Pick(30)};
    if (last.index == LogIndex{0}) return true;
    const bool same_term = term_ == next.hard_state.term;
    const ReplicaId vote = same_term ? next.hard_state.vote : kNoReplica;
    next.InstallSnapshot(last, {.term = term_, .vote = vote, .commit = {}});
    const absl::Status status = wal.InstallSnapshot(last, {.term = term_, .vote = vote});
    if (!TryTo({next}, status)) return false;
    if (status.ok()) possible_ = {next};
    return true;
  }

  // Takes note of the states that an attempt may have led to. A full disk changes nothing, any
  // other error is final.
  bool TryTo(const std::vector<LogModel>& steps, const absl::Status& status) {
    if (absl::IsResourceExhausted(status)) {
      ++refused_;
      return true;
    }
    possible_.insert(possible_.end(), steps.begin(), steps.end());
    return status.ok();
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
      entries.push_back(MakeEntry({.term = state.term, .index = index},
                                  std::string(Pick(options_.segment_bytes / 10), 'a' + Pick(26))));
    }
    const LogIndex last = entries.empty() ? now.last_index() : entries.back().index;
    if (Chance(50)) state.commit = state.commit + Pick(last - state.commit + 1);
    return Append(wal, state, entries);
  }

  bool Append(Wal& wal, const HardState& state, const std::vector<Entry>& entries) {
    const std::optional<HardState> change =
        state == possible_.back().hard_state ? std::nullopt : std::optional<HardState>(state);
    return TryTo(StepsOfAppend(possible_.back(), change, entries), wal.Append(change, entries));
  }

  bool SyncAll(Wal& wal) {
    if (!wal.Sync().ok()) return false;
    possible_ = {possible_.back()};
    return true;
  }

  SplitMix random_;
  MemoryFileSystem files_;
  WalOptions options_ = {
      .directory = "/wal", .cluster = ClusterId{1}, .replica = ReplicaId{2}, .segment_bytes = 4096};
  // What a restart may find, oldest first; the front is what must be there.
  std::vector<LogModel> possible_ = {LogModel()};
  Term term_;
  bool dying_ = false;
  bool faulty_ = false;
  uint64_t torn_ = 0;
  uint64_t recycled_ = 0;
  uint64_t refused_ = 0;
};

TEST(WalCrashTest, SyncedDataSurvivesAndTheRestIsAPrefix) {
  constexpr uint64_t kSeeds = 300;
  uint64_t torn = 0;
  uint64_t recycled = 0;
  uint64_t refused = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CrashingReplica replica(seed);
    for (int life = 0; life < 8; ++life) replica.Live();
    replica.Survive();
    torn += replica.torn();
    recycled += replica.recycled();
    refused += replica.refused();
    if (HasFailure()) return;
  }
  EXPECT_GT(torn, kSeeds / 4) << "the crashes were too kind to test the cutting";
  EXPECT_GT(recycled, kSeeds) << "too few segments were recycled";
  EXPECT_GT(refused, kSeeds / 10) << "the disk was too rarely full";
}

}  // namespace
}  // namespace blixard::raft
