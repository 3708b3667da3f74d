// For a group that lost its majority for good: gives one surviving replica, offline, a membership
// in which it can lead again. What only the lost replicas held is lost.
#ifndef BLIXARD_RAFT_STORAGE_MEMBERSHIP_RECOVERY_H_
#define BLIXARD_RAFT_STORAGE_MEMBERSHIP_RECOVERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"

namespace blixard::raft {

struct MembershipRecoveryOptions {
  std::string directory;  // of the log
  // From now on. Members of the group as it is, voters or learners, this replica among them.
  std::vector<ReplicaId> voters;
  // Where this replica's history starts: its newest snapshot, or {0, 0} and the configuration that
  // the group was started with.
  SnapshotMeta start;
};

struct MembershipRecovery {
  ReplicaId replica = kNoReplica;
  Configuration before;
  Configuration after;
  Term term;       // of the entries that were appended
  LogIndex first;  // of them
  LogIndex last;
  uint64_t made_committed = 0;  // older entries whose fate was open until now
};

// Appends the change of membership to the log, as committed entries of a new term, together with
// all that is in the log already: an entry that the lost majority may have committed must not
// vanish. So the replica, when started, applies them and is done; nobody has to agree. Other
// survivors among `voters` keep their logs and follow. Where the log does not go on from `start`,
// that snapshot takes the log's place first, as at every start. If a crash comes between, the same
// call may be made again; when the change stands in the log and only its fate is open, all that is
// appended is an empty entry that commits it.
// Takes the log's lock, so the replica must not run: kUnavailable. kDataLoss and
// kFailedPrecondition for a log that is not sound, lacks what is between `start` and its base, or
// knows another history; kInvalidArgument, naming the field, for a request that makes no sense.
// Whatever is refused changes no more than a start of the replica would. Run it on one replica
// only: two that recover apart from each other become two groups.
absl::StatusOr<MembershipRecovery> RecoverMembership(FileSystem& files,
                                                     memory::BufferPool& payloads,
                                                     const MembershipRecoveryOptions& options);

// What a person has to know before and after, one sentence each.
std::vector<std::string> Warnings(const MembershipRecovery& recovery);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_MEMBERSHIP_RECOVERY_H_
