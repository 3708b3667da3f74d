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
  kS1CommitsPriorTerm,            // counts replicas of entries of earlier terms
  kS2CountsOneTooFew,             // one acknowledgement less than a majority commits
  kS3KeepsOldMembership,          // an installed snapshot does not replace the configuration
  kS4SecondChangeAtOnce,          // a change is accepted while another is not applied
  kS4CampaignsUnapplied,          // campaigns with a committed change not applied
  kS4RestartDoubtsChanges,        // a start forgets that earlier changes in the log are committed
  kS5LeavesUncommittedJoint,      // a new leader leaves joint before anything of its term committed
  kS6HeartbeatReplyKeepsLeader,   // a higher term in a heartbeat reply does not end leadership
  kS7ForgetsVote,                 // the vote is not stored with the term
  kS7StoresTermAfterEntries,      // an entry is on the disk before its term and vote are
  kS8ReadsBeforeOwnCommit,        // a new leader answers reads from its old commit index
  kS9ReusesRound,                 // reads join a round that began before them
  kS9TokensOfAnyLife,             // tokens of two lives of a replica are the same
  kS10LeaseNeverEnds,             // the lease is not measured against the clock
  kS10LeaseForgetsStalls,         // time that the owner was held up does not count for the lease
  kS10LeaseSurvivesTransfer,      // the lease outlives a leadership transfer
  kS10RestartForgetsPromise,      // a restarted replica votes in spite of a lease
  kS10FirstBootForgetsPromise,    // a replica that has stored no term yet votes in spite of a lease
  kS10HigherTermForgetsPromise,   // a message of a higher term ends what a lease relies on
  kS11CountsOldAcks,              // acknowledgements of an earlier term are counted
  kS11AnswersByIndex,             // success is told for another entry at the same index
  kS12TruncatesSuffix,            // an append cuts what follows it, conflict or not
  kS12PurgedIsConflict,           // an append that begins below the compacted log is refused
  kS13CommitsStaleTail,           // commits up to the end of the log, verified or not
  kS13AcknowledgesStaleTail,      // acknowledges up to the end of the log, verified or not
  kS14OverwrittenAppendStable,    // completion of an overwritten append stabilises newer entries
  kS15AppliesBeforeStable,        // entries are applied that are not durable here
  kS15CountsUnstable,             // a leader counts what is not durable with itself
  kS16ForgetsPages,               // committed entries that did not fit a page are forgotten
  kS17RetriesFailedSync,          // the log tries again what failed
  kS17SnapshotSyncsAgain,         // a snapshot is finished after a failed sync
  kS18CutsDamagedMiddle,          // damage before synced frames is taken for a torn tail
  kS18TakesStaleFrames,           // frames of an older use of a recycled segment are taken
  kS19ForgetsSync,                // what is written to the log is not synced
  kS19ForgetsDirectorySync,       // the name of a new segment is not synced
  kS19PromisesBeforeSync,         // messages that promise something leave before it is durable
  kS20KeepsConflictingLog,        // a snapshot that conflicts with the log does not replace it
  kS20ReplayKeepsConflictingLog,  // a restart brings back the log that a snapshot replaced
  kS21SnapshotOfAnyTerm,          // a snapshot is taken for the term of its sender
  kS21StoresWithoutConfiguration,  // a snapshot is stored without a valid configuration
  kS22LearnersVote,                // learners of a snapshot's configuration are counted as voters
  kS23AppliesAgain,                // after a restart entries are applied twice
  kS23TakesAnyState,               // a state that does not fit snapshot and log is taken
  kS24AnswersBeforeApply,          // a proposal is answered before it is applied
  kS24AppliesRepeated,             // a repeated request is applied again
  kS24SnapshotForgetsSessions,     // what a snapshot restores has forgotten the requests
  kS25TakesForeignMessages,        // cluster and target of a message are not looked at
  kS25TakesForeignChunks,          // pieces of snapshots for others are taken
  kS25TakesForeignPeers,           // a connection is taken whoever it is meant for
  kS25TakesForeignFrames,          // a connection may carry messages for another replica
  kS26ToleratesTwoLeaders,         // a second leader of one term is followed
  kL1SilentToOlderTerm,            // messages of an older term are dropped without an answer
  kL2DropsOlderPreVotes,           // a pre-vote of an older term is not answered
  kL3RefusalKeepsTimer,            // a refused append does not count as contact
  kL4NoCheckQuorum,                // a leader that hears no quorum stays
  kL5ForgetsAutoLeave,             // a new leader does not propose leaving joint
  kL6RemovedLeaderJustStops,       // a removed leader gives its leadership to nobody
  kL6ChangeIsNotConfirmed,         // a change is done as soon as its leader has applied it
  kL7HeedsEveryCandidate,          // no leader stickiness
  kL8RefusesAfterElection,         // a new leader takes its whole log for a pending change for ever
  kL9TermOfCompacted,              // appends to a slow follower are built from compacted entries
  kL10WindowLeaks,                 // acknowledged appends stay in the window
  kL10NeverAsksAgain,              // a follower whose window is full is not asked again
  kL11LossIsNotTold,               // a follower that lost its disk is never told
  kL11CountsLostData,              // a follower that lost data is counted for commits
  kL11FillsBlankVoter,             // a voter that lost its disk is filled as if it were new
  kL11BlankReplicaVotes,           // a replica without a configuration votes
  kL12SnapshotRetriedAtOnce,       // a failed snapshot is sent again without waiting
  kL12OlderTransferWins,           // a transfer of an older term takes over
  kL12MixesTransfers,              // pieces of two snapshots go into one
  kL12BeginsTransferAnew,          // a snapshot whose sender changes begins at zero
  kL13TimeoutNowNeedsPromotion,  // a replica that has not applied its promotion ignores TimeoutNow
  kL13PromotionIsNotTold,        // who asks for votes does not tell a voter that it is one
  kL13ProposesDuringTransfer,    // proposals are taken during a transfer
  kL14ForgetsReads,              // reads are not answered at step-down
  kL14ForgetsProposals,          // proposals are not answered at step-down or stop
  kL15InboxGrows,                // messages that a replica has not looked at are not bounded
  kL15ConnectionGrows,           // messages that wait for a connection are not bounded
  kL16IgnoresByteRate,           // snapshots go as fast as disk and network let them
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
