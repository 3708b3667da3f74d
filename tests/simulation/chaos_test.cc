// Each kind of fault does to a world what it says: one that did nothing would be noticed nowhere
// else, since runs without it pass all the more.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "tests/simulation/coverage.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/fault_schedule.h"
#include "tests/simulation/world.h"

namespace blixard::raft {
namespace {

struct Effect {
  Fault fault;
  Rare rare;
};

// At every machine in turn, so that the leader is among them.
std::vector<Effect> Effects() {
  using enum FaultKind;
  return {
      {{.duration = kSecond, .kind = kCrash}, Rare::kCrash},
      {{.duration = kSecond, .kind = kCrashInWrite, .amount = 3}, Rare::kCrashInWrite},
      {{.duration = kSecond, .kind = kProcessEnd}, Rare::kProcessEnded},
      {{.duration = kSecond, .kind = kPause}, Rare::kHeldByPause},
      {{.duration = kSecond, .kind = kPause, .amount = 1}, Rare::kMessageCutOffOneWay},
      {{.duration = kSecond, .kind = kPartition, .amount = 1}, Rare::kMessageCutOff},
      {{.duration = kSecond, .kind = kPartition, .amount = 1}, Rare::kCutMended},
      {{.duration = kSecond, .kind = kOneWay}, Rare::kMessageCutOffOneWay},
      {{.duration = kSecond, .kind = kOneWay}, Rare::kCutMended},
      {{.duration = kSecond, .kind = kCutLink}, Rare::kMessageCutOff},
      {{.duration = kSecond, .kind = kCutLink}, Rare::kCutMended},
      {{.duration = kSecond, .kind = kSlowLink, .amount = 100}, Rare::kMessageSlowed},
      {{.duration = kSecond, .kind = kDropMessages, .amount = 200}, Rare::kMessageDropped},
      {{.duration = kSecond, .kind = kDropMessages, .amount = 200}, Rare::kRequestLost},
      {{.duration = kSecond, .kind = kDropMessages, .amount = 200}, Rare::kAnswerLost},
      {{.duration = kSecond, .kind = kDuplicate, .amount = 200}, Rare::kMessageDuplicated},
      {{.duration = kSecond, .kind = kDuplicate, .amount = 200}, Rare::kRequestDoubled},
      {{.duration = kSecond, .kind = kDuplicate, .amount = 200}, Rare::kAnswerDoubled},
      {{.duration = kSecond, .kind = kReorder, .amount = 200}, Rare::kMessageReordered},
      {{.duration = kSecond, .kind = kClockDrift, .amount = 1500}, Rare::kTickOfBadClock},
      {{.kind = kClockJump, .amount = 5}, Rare::kClockJumped},
      {{.duration = kSecond, .kind = kSlowDisk, .amount = 100}, Rare::kDiskSlowed},
      {{.duration = kSecond, .kind = kFailSync, .amount = 1}, Rare::kFailedSyncStop},
      {{.duration = kSecond, .kind = kFailWrite, .amount = 1}, Rare::kFailedWriteStop},
      {{.duration = 5 * kSecond, .kind = kDiskFull}, Rare::kDiskFullWait},
      {{.duration = 5 * kSecond, .kind = kDiskFull, .amount = kDiskFullFrom + 12 * 1024},
       Rare::kSpaceRefusal},
      {{.duration = kSecond, .kind = kHarmDisk, .amount = 7}, Rare::kDiskHarmed},
      {{.kind = kLoseDisk}, Rare::kDiskLost},
      {{.kind = kCampaign}, Rare::kCampaignOrdered},
      {{.kind = kChangeMembers, .amount = 1}, Rare::kMemberAdded},
      {{.kind = kTransferLeader}, Rare::kTransferDone},
      {{.kind = kForgetLeader}, Rare::kLeaderForgotten},
  };
}

constexpr uint64_t kSeed = 2;
constexpr uint32_t kVoters = 3;

Coverage CoverageOf(const std::vector<Fault>& faults) {
  const WorldResult result = RunWorld({.seed = kSeed, .replicas = kVoters, .faults = faults});
  EXPECT_EQ(result.violation, "");
  return result.coverage;
}

TEST(ChaosTest, EachKindOfFaultDoesWhatItSays) {
  const Coverage quiet = CoverageOf({});
  for (const Effect& effect : Effects()) {
    SCOPED_TRACE(testing::Message() << ToString(effect.fault) << " " << RareName(effect.rare));
    std::vector<Fault> faults;
    for (uint32_t i = 0; i < kVoters; ++i) {
      Fault fault = effect.fault;
      fault.a = i;
      fault.b = (i + 1) % kVoters;
      fault.time = (15 + 5 * int64_t{i}) * kSecond;
      faults.push_back(fault);
    }
    EXPECT_GT(CoverageOf(faults).hits(effect.rare), quiet.hits(effect.rare));
    const bool comes_of_itself =
        effect.rare == Rare::kMemberAdded || effect.rare == Rare::kMessageReordered;
    EXPECT_TRUE(comes_of_itself || quiet.hits(effect.rare) == 0);
  }
}

TEST(ChaosTest, NoKindOfFaultIsLeftOut) {
  std::set<FaultKind> kinds;
  for (const Effect& effect : Effects()) kinds.insert(effect.fault.kind);
  EXPECT_EQ(kinds.size(), kFaultKinds);
}

}  // namespace
}  // namespace blixard::raft
