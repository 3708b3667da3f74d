// Counts how often a run went where bugs live. A set of runs that never went somewhere has shown
// nothing about that place, so it fails.
#ifndef BLIXARD_TESTS_SIMULATION_COVERAGE_H_
#define BLIXARD_TESTS_SIMULATION_COVERAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace blixard::raft {

enum class Rare : uint8_t {
  kLeaderElected,
  kLeaderDeposed,  // a leader saw a higher term or lost its quorum
  kPreVoteRefused,
  kVoteRefused,
  kAppendRefused,
  kLogTruncated,  // stored entries were replaced
  kCrash,
  kCrashInWrite,  // the machine died between two changes of the disk
  kTornTailCut,
  kProcessEnded,
  kHeldByPause,  // something waited until a machine went on
  kTickOfBadClock,
  kClockJumped,
  kFailedSyncStop,
  kFailedWriteStop,
  kRestartAfterFailedSync,  // without a power failure
  kDiskHarmed,              // bytes that were synced are wrong
  kDamageRefused,           // a start said so, and refused the disk
  kSnapshotSetAside,        // a start did without a damaged snapshot
  kDiskLost,
  kLossTold,             // a leader told a blank replica that it had held more
  kLostReplicaRejoined,  // it is a voter again
  kDiskSlowed,           // work on it took longer than usual
  kDiskFullWait,         // the log waited for space
  kSpaceRefusal,         // a proposal was turned away at the reserve
  kSegmentRecycled,
  kSegmentInline,  // an append had to make its segment itself
  kLogCompacted,
  kSnapshotWritten,
  kSnapshotSent,
  kSnapshotPieceLost,  // on the way
  kSnapshotDelivered,
  kSnapshotInstalled,  // it replaced a replica's log
  kSnapshotRestored,   // a process started from one
  kJointEntered,
  kJointLeft,
  kMemberAdded,
  kMemberRemoved,
  kLeaderRemoved,  // a leader was no voter any more
  kTransferDone,   // who was told to campaign at once leads by that
  kCampaignOrdered,
  kLeaderForgotten,
  kWindowFull,       // a peer was sent nothing more before it acknowledged some of it
  kUncommittedFull,  // proposals waited until some were committed
  kApplyingFull,     // committed entries waited until others were applied
  kReadAnswered,
  kReadByFollower,
  kReadPostponed,  // it came before the leader had committed anything
  kReadRefused,
  kReadByLease,
  kLeaseEndedByStall,  // a leader stood still for longer than its lease
  kMessageCutOff,
  kMessageCutOffOneWay,  // while the other direction was open
  kCutMended,            // the first that passes a link after that
  kMessageDropped,
  kMessageSlowed,
  kMessageDuplicated,
  kMessageReordered,
  kRequestLost,
  kRequestDoubled,
  kAnswerLost,
  kAnswerDoubled,
  kRequestRepeated,  // a request id came again and was not applied twice
  kSessionLost,      // it was evicted
  kOutcomeUnknown,
  kCasLost,
  kCount,
};

inline constexpr size_t kRareCount = static_cast<size_t>(Rare::kCount);

absl::string_view RareName(Rare rare);

class Coverage {
 public:
  void Hit(Rare rare) { ++hits_[static_cast<size_t>(rare)]; }
  uint64_t hits(Rare rare) const { return hits_[static_cast<size_t>(rare)]; }
  void Add(const Coverage& other) {
    for (size_t i = 0; i < kRareCount; ++i) hits_[i] += other.hits_[i];
  }

 private:
  std::array<uint64_t, kRareCount> hits_ = {};
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_COVERAGE_H_
