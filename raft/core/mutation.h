// Bugs that other implementations shipped, each of which a test build can put back: a test that
// does not notice proves nothing. The names are the rows of the list of known Raft bugs that the
// named scenario tests follow.
#ifndef BLIXARD_RAFT_CORE_MUTATION_H_
#define BLIXARD_RAFT_CORE_MUTATION_H_

#include <cstdint>

#ifdef BLIXARD_MUTATIONS
#include <cstdlib>
#endif

namespace blixard::raft {

enum class Mutation : uint8_t {
  kNone,
  kS1CommitsPriorTerm,           // counts replicas of entries of earlier terms
  kS2CountsOneTooFew,            // one acknowledgement less than a majority commits
  kS3KeepsOldMembership,         // an installed snapshot does not replace the configuration
  kS4SecondChangeAtOnce,         // a change is accepted while another is not applied
  kS4CampaignsUnapplied,         // campaigns with a committed change not applied
  kS5LeavesUncommittedJoint,     // a new leader leaves joint before anything of its term committed
  kS6HeartbeatReplyKeepsLeader,  // a higher term in a heartbeat reply does not end leadership
  kS7ForgetsVote,                // the vote is not stored with the term
  kS8ReadsBeforeOwnCommit,       // a new leader answers reads from its old commit index
  kS9ReusesRound,                // reads join a round that began before them
  kS10LeaseNeverEnds,            // the lease is not measured against the clock
  kS10LeaseSurvivesTransfer,     // the lease outlives a leadership transfer
  kS11CountsOldAcks,             // acknowledgements of an earlier term are counted
  kS12TruncatesSuffix,           // an append cuts what follows it, conflict or not
  kS12PurgedIsConflict,          // an append that begins below the compacted log is refused
  kS13CommitsStaleTail,          // commits up to the end of the log, verified or not
  kS14OverwrittenAppendStable,   // completion of an overwritten append stabilises newer entries
  kS15AppliesBeforeStable,       // entries are applied that are not durable here
  kS16ForgetsPages,              // committed entries that did not fit a page are forgotten
  kS20KeepsConflictingLog,       // a snapshot that conflicts with the log does not replace it
  kS21SnapshotOfAnyTerm,         // a snapshot is taken for the term of its sender
  kS22LearnersVote,              // learners of a snapshot's configuration are counted as voters
  kS23AppliesAgain,              // after a restart entries are applied twice
  kS25TakesForeignMessages,      // cluster and target of a message are not looked at
  kS26ToleratesTwoLeaders,       // a second leader of one term is followed
  kL1SilentToOlderTerm,          // messages of an older term are dropped without an answer
  kL3RefusalKeepsTimer,          // a refused append does not count as contact
  kL4NoCheckQuorum,              // a leader that hears no quorum stays
  kL5ForgetsAutoLeave,           // a new leader does not propose leaving joint
  kL6RemovedLeaderJustStops,     // a removed leader gives its leadership to nobody
  kL7HeedsEveryCandidate,        // no leader stickiness
  kL8RefusesAfterElection,       // a new leader takes its whole log for a pending change for ever
  kL9TermOfCompacted,            // appends to a slow follower are built from compacted entries
  kL10WindowLeaks,               // acknowledged appends stay in the window
  kL11LossIsNotTold,             // a follower that lost its disk is never told
  kL12SnapshotRetriedAtOnce,     // a failed snapshot is sent again without waiting
  kL13TimeoutNowNeedsPromotion,  // a replica that has not applied its promotion ignores TimeoutNow
  kL13ProposesDuringTransfer,    // proposals are taken during a transfer
  kL14ForgetsReads,              // reads are not answered at step-down
  kCount,
};

#ifdef BLIXARD_MUTATIONS
namespace internal {
// BLIXARD_MUTATION holds the number of a switch: for test programs that know nothing of switches.
inline Mutation MutationOfEnvironment() {
  const char* const text = std::getenv("BLIXARD_MUTATION");
  return text == nullptr ? Mutation::kNone : static_cast<Mutation>(std::atoi(text));
}
inline Mutation active_mutation = MutationOfEnvironment();
}  // namespace internal
// Of the process; to be set before any RawNode is made.
inline void SetMutation(Mutation mutation) { internal::active_mutation = mutation; }
inline bool Mutated(Mutation mutation) { return internal::active_mutation == mutation; }
#else
constexpr bool Mutated(Mutation) { return false; }
#endif

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_MUTATION_H_
