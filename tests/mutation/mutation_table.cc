#include "tests/mutation/mutation_table.h"

#include <array>

#include "absl/strings/str_split.h"

namespace blixard::raft {
namespace {

constexpr std::array kTable = {
    MutationRow{.mutation = Mutation::kS1CommitsPriorTerm,
                .name = "kS1CommitsPriorTerm",
                .bug = "counts replicas of entries of earlier terms",
                .tests = "RaftScenariosTest.S1_EntryOfEarlierTermIsNotCommittedByCounting "
                         "ProtocolScript.figure8_committed "
                         "ProtocolScript.figure8_overwritten"},
    MutationRow{.mutation = Mutation::kS2CountsOneTooFew,
                .name = "kS2CountsOneTooFew",
                .bug = "one acknowledgement less than a majority commits",
                .tests = "RaftScenariosTest.S2_TwoOfFiveDoNotCommit"},
    MutationRow{.mutation = Mutation::kS3KeepsOldMembership,
                .name = "kS3KeepsOldMembership",
                .bug = "an installed snapshot does not replace the configuration",
                .tests = "SnapshotScenariosTest.S3_SnapshotReplacesTheMembership"},
    MutationRow{.mutation = Mutation::kS4SecondChangeAtOnce,
                .name = "kS4SecondChangeAtOnce",
                .bug = "a change is accepted while another is not applied",
                .tests = "MembershipScenariosTest.S4_NoSecondChangeBeforeTheFirstIsApplied "
                         "MembershipScenariosTest.S4_NoChangeBeforeTheLeadersOwnEntryIsCommitted "
                         "MembershipScenariosTest.S4_NewLeaderWaitsForTheChangeItInherited "
                         "ProtocolScript.change_one_at_a_time"},
    MutationRow{.mutation = Mutation::kS4CampaignsUnapplied,
                .name = "kS4CampaignsUnapplied",
                .bug = "campaigns with a committed change not applied",
                .tests = "MembershipScenariosTest.S4_NoCampaignWithACommittedChangeNotApplied"},
    MutationRow{.mutation = Mutation::kS4RestartDoubtsChanges,
                .name = "kS4RestartDoubtsChanges",
                .bug = "a start forgets that earlier changes in the log are committed",
                .tests = "MembershipScenariosTest.S4_"
                         "RestartKnowsThatAllChangesInTheLogButTheLastAreCommitted "
                         "MembershipScenariosTest.L6_RestartKnowsThatAConfirmedChangeIsCommitted "
                         "ProtocolScript.replace_all_voters_restart "
                         "ProtocolScript.replace_all_voters_split"},
    MutationRow{
        .mutation = Mutation::kS5LeavesUncommittedJoint,
        .name = "kS5LeavesUncommittedJoint",
        .bug = "a new leader leaves joint before anything of its term committed",
        .tests = "MembershipScenariosTest.S5_RecoveredJointIsNotLeftBeforeSomethingIsCommitted"},
    MutationRow{.mutation = Mutation::kS6HeartbeatReplyKeepsLeader,
                .name = "kS6HeartbeatReplyKeepsLeader",
                .bug = "a higher term in a heartbeat reply does not end leadership",
                .tests = "LeadershipScenariosTest.S6_HigherTermInAHeartbeatReplyEndsLeadership"},
    MutationRow{.mutation = Mutation::kS7ForgetsVote,
                .name = "kS7ForgetsVote",
                .bug = "the vote is not stored with the term",
                .tests = "LeadershipScenariosTest.S7_VoteIsStoredWithItsTerm "
                         "ProtocolScript.vote_survives_restart"},
    MutationRow{.mutation = Mutation::kS7StoresTermAfterEntries,
                .name = "kS7StoresTermAfterEntries",
                .part = MutatedPart::kStorage,
                .bug = "an entry is on the disk before its term and vote are",
                .tests = "WalCrashTest.SyncedDataSurvivesAndTheRestIsAPrefix"},
    MutationRow{.mutation = Mutation::kS8ReadsBeforeOwnCommit,
                .name = "kS8ReadsBeforeOwnCommit",
                .bug = "a new leader answers reads from its old commit index",
                .tests = "LeadershipScenariosTest.S8_ReadWaitsForACommitInTheLeadersTerm "
                         "ProtocolScript.read_index_postponed"},
    MutationRow{.mutation = Mutation::kS9ReusesRound,
                .name = "kS9ReusesRound",
                .bug = "reads join a round that began before them",
                .tests = "LeadershipScenariosTest.S9_AnswersOfEarlierRoundsConfirmNothing"},
    MutationRow{.mutation = Mutation::kS9TokensOfAnyLife,
                .name = "kS9TokensOfAnyLife",
                .bug = "tokens of two lives of a replica are the same",
                .tests = "LeadershipScenariosTest.S9_TokensOfTwoLivesDiffer"},
    MutationRow{.mutation = Mutation::kS10LeaseNeverEnds,
                .name = "kS10LeaseNeverEnds",
                .bug = "the lease is not measured against the clock",
                .tests = "LeadershipScenariosTest.S10_LeaseEndsBeforeAnybodyElseCanBeElected "
                         "ProtocolScript.lease_read"},
    MutationRow{.mutation = Mutation::kS10LeaseForgetsStalls,
                .name = "kS10LeaseForgetsStalls",
                .bug = "time that the owner was held up does not count for the lease",
                .tests = "LeadershipScenariosTest.S10_LeaseEndsWhileTheLeaderIsHeldUp "
                         "LeadershipScenariosTest.S10_AnswerToARoundFromBeforeAStallRenewsNothing"},
    MutationRow{.mutation = Mutation::kS10LeaseSurvivesTransfer,
                .name = "kS10LeaseSurvivesTransfer",
                .bug = "the lease outlives a leadership transfer",
                .tests = "LeadershipScenariosTest.S10_LeaseDoesNotSurviveATransfer "
                         "ProtocolScript.lease_read"},
    MutationRow{
        .mutation = Mutation::kS10RestartForgetsPromise,
        .name = "kS10RestartForgetsPromise",
        .bug = "a restarted replica votes in spite of a lease",
        .tests = "LeadershipScenariosTest.S10_RestartedReplicaKeepsThePromiseItMayHaveMade"},
    MutationRow{.mutation = Mutation::kS10FirstBootForgetsPromise,
                .name = "kS10FirstBootForgetsPromise",
                .bug = "a replica that has stored no term yet votes in spite of a lease",
                .tests = "LeadershipScenariosTest.S10_ReplicaThatStoredNoTermMayHavePromised "
                         "ProtocolScript.lease_first_boot"},
    MutationRow{.mutation = Mutation::kS10HigherTermForgetsPromise,
                .name = "kS10HigherTermForgetsPromise",
                .bug = "a message of a higher term ends what a lease relies on",
                .tests = "LeadershipScenariosTest.S10_PromiseOutlivesAHigherTerm "
                         "ProtocolScript.lease_promise_higher_term"},
    MutationRow{
        .mutation = Mutation::kS11CountsOldAcks,
        .name = "kS11CountsOldAcks",
        .bug = "acknowledgements of an earlier term are counted",
        .tests = "LeadershipScenariosTest.S11_AcknowledgementsOfAnEarlierTermAreNotCounted"},
    MutationRow{.mutation = Mutation::kS11AnswersByIndex,
                .name = "kS11AnswersByIndex",
                .part = MutatedPart::kRuntime,
                .bug = "success is told for another entry at the same index",
                .tests = "ReplicaTest.IsolatedLeaderAnswersUnknown",
                .hangs = true},
    MutationRow{.mutation = Mutation::kS12TruncatesSuffix,
                .name = "kS12TruncatesSuffix",
                .bug = "an append cuts what follows it, conflict or not",
                .tests = "RaftScenariosTest.S12_OvertakenAppendDoesNotTruncateWhatFollows"},
    MutationRow{
        .mutation = Mutation::kS12PurgedIsConflict,
        .name = "kS12PurgedIsConflict",
        .bug = "an append that begins below the compacted log is refused",
        .tests = "SnapshotScenariosTest.S12_AppendThatBeginsBelowTheCompactedLogIsNoConflict"},
    MutationRow{.mutation = Mutation::kS13CommitsStaleTail,
                .name = "kS13CommitsStaleTail",
                .bug = "commits up to the end of the log, verified or not",
                .tests = "RaftScenariosTest.S13_EmptyAppendDoesNotCommitAStaleTail"},
    MutationRow{.mutation = Mutation::kS13AcknowledgesStaleTail,
                .name = "kS13AcknowledgesStaleTail",
                .bug = "acknowledges up to the end of the log, verified or not",
                .tests = "RaftScenariosTest.S13_StaleTailIsNotAcknowledged"},
    MutationRow{
        .mutation = Mutation::kS14OverwrittenAppendStable,
        .name = "kS14OverwrittenAppendStable",
        .bug = "completion of an overwritten append stabilises newer entries",
        .tests =
            "RaftScenariosTest.S14_OverwrittenAppendDoesNotMakeItsSuccessorStable "
            "LeadershipScenariosTest.S14_CompletionOfAnOverwrittenAppendMakesNothingNewerStable "
            "ProtocolScript.async_append_overwritten"},
    MutationRow{.mutation = Mutation::kS15AppliesBeforeStable,
                .name = "kS15AppliesBeforeStable",
                .bug = "entries are applied that are not durable here",
                .tests = "RaftScenariosTest.S15_FollowerAppliesOnlyWhatIsStable"},
    MutationRow{.mutation = Mutation::kS15CountsUnstable,
                .name = "kS15CountsUnstable",
                .bug = "a leader counts what is not durable with itself",
                .tests = "RaftScenariosTest.S15_LoneVoterAppliesOnlyWhatIsStable "
                         "ProtocolScript.single_voter_commit"},
    MutationRow{.mutation = Mutation::kS16ForgetsPages,
                .name = "kS16ForgetsPages",
                .bug = "committed entries that did not fit a page are forgotten",
                .tests = "RaftScenariosTest.S16_PagesOfCommittedEntriesForgetNothing "
                         "LeadershipScenariosTest.S16_ApplyingIsBoundedAndForgetsNothing "
                         "ProtocolScript.committed_pages"},
    MutationRow{.mutation = Mutation::kS17RetriesFailedSync,
                .name = "kS17RetriesFailedSync",
                .part = MutatedPart::kStorage,
                .bug = "the log tries again what failed",
                .tests = "WalCompactionTest.S17FailedSyncIsFinalForEveryCall "
                         "WalTest.FailedSyncIsFinal"},
    MutationRow{.mutation = Mutation::kS17SnapshotSyncsAgain,
                .name = "kS17SnapshotSyncsAgain",
                .part = MutatedPart::kStorage,
                .bug = "a snapshot is finished after a failed sync",
                .tests = "SnapshotStoreTest.AFailedSyncIsFinal"},
    MutationRow{.mutation = Mutation::kS18CutsDamagedMiddle,
                .name = "kS18CutsDamagedMiddle",
                .part = MutatedPart::kStorage,
                .bug = "damage before synced frames is taken for a torn tail",
                .tests = "WalDamageTest.ZeroedSectorBeforeTheLastBatchIsDamage"},
    MutationRow{.mutation = Mutation::kS18TakesStaleFrames,
                .name = "kS18TakesStaleFrames",
                .part = MutatedPart::kStorage,
                .bug = "frames of an older use of a recycled segment are taken",
                .tests = "WalCompactionTest.S18StaleFramesOfARecycledSegmentAreNeverRead"},
    MutationRow{.mutation = Mutation::kS19ForgetsSync,
                .name = "kS19ForgetsSync",
                .part = MutatedPart::kStorage,
                .bug = "what is written to the log is not synced",
                .tests = "WalCompactionTest.S19SyncedEntriesSurviveWhenAllUnsyncedDataIsLost "
                         "WalCrashTest.SyncedDataSurvivesAndTheRestIsAPrefix"},
    MutationRow{.mutation = Mutation::kS19ForgetsDirectorySync,
                .name = "kS19ForgetsDirectorySync",
                .part = MutatedPart::kStorage,
                .bug = "the name of a new segment is not synced",
                .tests = "WalCompactionTest.S19SyncedEntriesSurviveWhenAllUnsyncedDataIsLost "
                         "WalCrashTest.SyncedDataSurvivesAndTheRestIsAPrefix"},
    MutationRow{.mutation = Mutation::kS19PromisesBeforeSync,
                .name = "kS19PromisesBeforeSync",
                .part = MutatedPart::kRuntime,
                .bug = "messages that promise something leave before it is durable",
                .tests = "LogWriterTest.S19PromisesLeaveOnlyAfterTheOneSyncOfAll "
                         "LogWriterTest.S19NothingIsPromisedWhenTheSyncFails"},
    MutationRow{.mutation = Mutation::kS20KeepsConflictingLog,
                .name = "kS20KeepsConflictingLog",
                .bug = "a snapshot that conflicts with the log does not replace it",
                .tests = "SnapshotScenariosTest.S20_ConflictingLogIsDiscardedWhole"},
    MutationRow{.mutation = Mutation::kS20ReplayKeepsConflictingLog,
                .name = "kS20ReplayKeepsConflictingLog",
                .part = MutatedPart::kStorage,
                .bug = "a restart brings back the log that a snapshot replaced",
                .tests = "WalCompactionTest.SnapshotReplacesALogThatConflicts"},
    MutationRow{.mutation = Mutation::kS21SnapshotOfAnyTerm,
                .name = "kS21SnapshotOfAnyTerm",
                .bug = "a snapshot is taken for the term of its sender",
                .tests = "SnapshotScenariosTest.S21_SentSnapshotCarriesItsOwnTermAndConfiguration"},
    MutationRow{.mutation = Mutation::kS21StoresWithoutConfiguration,
                .name = "kS21StoresWithoutConfiguration",
                .part = MutatedPart::kStorage,
                .bug = "a snapshot is stored without a valid configuration",
                .tests = "SnapshotStoreTest.NoSnapshotIsWrittenWithoutItsConfiguration"},
    MutationRow{
        .mutation = Mutation::kS22LearnersVote,
        .name = "kS22LearnersVote",
        .bug = "learners of a snapshot's configuration are counted as voters",
        .tests = "SnapshotScenariosTest.S22_SnapshotTurnsAVoterIntoALearnerAndNotTheReverse"},
    MutationRow{.mutation = Mutation::kS23AppliesAgain,
                .name = "kS23AppliesAgain",
                .bug = "after a restart entries are applied twice",
                .tests = "SnapshotScenariosTest.S23_AppliedEntriesAreNotAppliedAgain"},
    MutationRow{
        .mutation = Mutation::kS23TakesAnyState,
        .name = "kS23TakesAnyState",
        .bug = "a state that does not fit snapshot and log is taken",
        .tests = "SnapshotScenariosTest.S23_StateMachineBehindTheSnapshotOrAheadOfTheLogIsRefused"},
    MutationRow{.mutation = Mutation::kS24AnswersBeforeApply,
                .name = "kS24AnswersBeforeApply",
                .part = MutatedPart::kRuntime,
                .bug = "a proposal is answered before it is applied",
                .tests = "ReplicaTest.LoneVoterAnswersWithTheOutcome "
                         "ReplicaTest.EveryReplicaAppliesTheSameRequestsInTheSameOrder"},
    MutationRow{.mutation = Mutation::kS24AppliesRepeated,
                .name = "kS24AppliesRepeated",
                .part = MutatedPart::kRuntime,
                .bug = "a repeated request is applied again",
                .tests = "SessionStateMachineTest."
                         "S24NoRequestIsAppliedTwiceAcrossSnapshotsRestartsAndEvictions"},
    MutationRow{.mutation = Mutation::kS24SnapshotForgetsSessions,
                .name = "kS24SnapshotForgetsSessions",
                .part = MutatedPart::kRuntime,
                .bug = "what a snapshot restores has forgotten the requests",
                .tests = "SessionStateMachineTest."
                         "S24NoRequestIsAppliedTwiceAcrossSnapshotsRestartsAndEvictions"},
    MutationRow{.mutation = Mutation::kS25TakesForeignMessages,
                .name = "kS25TakesForeignMessages",
                .bug = "cluster and target of a message are not looked at",
                .tests = "RaftScenariosTest.S25_MisroutedMessageChangesNothing"},
    MutationRow{.mutation = Mutation::kS25TakesForeignChunks,
                .name = "kS25TakesForeignChunks",
                .part = MutatedPart::kStorage,
                .bug = "pieces of snapshots for others are taken",
                .tests = "SnapshotTransferTest.ChunksForOthersOrDamagedOnesAreDropped"},
    MutationRow{.mutation = Mutation::kS25TakesForeignPeers,
                .name = "kS25TakesForeignPeers",
                .part = MutatedPart::kTransport,
                .bug = "a connection is taken whoever it is meant for",
                .tests = "TcpTransportTest.AnotherClusterIsTurnedAway",
                .hangs = true},
    MutationRow{.mutation = Mutation::kS25TakesForeignFrames,
                .name = "kS25TakesForeignFrames",
                .part = MutatedPart::kTransport,
                .bug = "a connection may carry messages for another replica",
                .tests = "TcpTransportTest.MessageForAnotherReplicaEndsTheConnection",
                .hangs = true},
    MutationRow{.mutation = Mutation::kS26ToleratesTwoLeaders,
                .name = "kS26ToleratesTwoLeaders",
                .bug = "a second leader of one term is followed",
                .tests = "RaftScenariosTest.S26_SecondLeaderOfATermStopsTheFollower "
                         "RaftScenariosTest.S26_SecondLeaderOfATermStopsTheLeader"},
    MutationRow{.mutation = Mutation::kL1SilentToOlderTerm,
                .name = "kL1SilentToOlderTerm",
                .bug = "messages of an older term are dropped without an answer",
                .tests = "RaftScenariosTest.L1_RefusalsCarryTheHigherTerm"},
    MutationRow{.mutation = Mutation::kL2DropsOlderPreVotes,
                .name = "kL2DropsOlderPreVotes",
                .bug = "a pre-vote of an older term is not answered",
                .tests = "ProtocolScript.pre_vote_rolling_upgrade"},
    MutationRow{.mutation = Mutation::kL3RefusalKeepsTimer,
                .name = "kL3RefusalKeepsTimer",
                .bug = "a refused append does not count as contact",
                .tests = "RaftScenariosTest.L3_RefusedAppendsKeepTheFollowerQuiet"},
    MutationRow{.mutation = Mutation::kL4NoCheckQuorum,
                .name = "kL4NoCheckQuorum",
                .bug = "a leader that hears no quorum stays",
                .tests = "LeadershipScenariosTest.L4_LeaderWithoutAQuorumStepsDown "
                         "ProtocolScript.check_quorum_step_down "
                         "ProtocolScript.one_way_link"},
    MutationRow{.mutation = Mutation::kL5ForgetsAutoLeave,
                .name = "kL5ForgetsAutoLeave",
                .bug = "a new leader does not propose leaving joint",
                .tests =
                    "MembershipScenariosTest.L5_NewLeaderLeavesAJointConfigurationOfItsPredecessor "
                    "ProtocolScript.auto_leave_by_new_leader"},
    MutationRow{.mutation = Mutation::kL6RemovedLeaderJustStops,
                .name = "kL6RemovedLeaderJustStops",
                .bug = "a removed leader gives its leadership to nobody",
                .tests = "MembershipScenariosTest.L6_"
                         "RemovedLeaderLeadsUntilItsRemovalIsConfirmedAndThenHandsOver "
                         "ProtocolScript.remove_leader"},
    MutationRow{
        .mutation = Mutation::kL6ChangeIsNotConfirmed,
        .name = "kL6ChangeIsNotConfirmed",
        .bug = "a change is done as soon as its leader has applied it",
        .tests = "MembershipScenariosTest.L6_ChangeIsDoneWhenAMajorityOfTheNewVotersHasConfirmedIt "
                 "ProtocolScript.change_outlives_removed ProtocolScript.change_outlives_promoter "
                 "ProtocolScript.change_outlives_leader_that_left"},
    MutationRow{.mutation = Mutation::kL7HeedsEveryCandidate,
                .name = "kL7HeedsEveryCandidate",
                .bug = "no leader stickiness",
                .tests = "MembershipScenariosTest.L7_RemovedReplicaDoesNotDisturb "
                         "ProtocolScript.leader_stickiness"},
    MutationRow{.mutation = Mutation::kL8RefusesAfterElection,
                .name = "kL8RefusesAfterElection",
                .bug = "a new leader takes its whole log for a pending change for ever",
                .tests = "MembershipScenariosTest.L8_RefusedChangeLeavesTheWayFree"},
    MutationRow{
        .mutation = Mutation::kL9TermOfCompacted,
        .name = "kL9TermOfCompacted",
        .bug = "appends to a slow follower are built from compacted entries",
        .tests = "SnapshotScenariosTest.L9_ThrottledFollowerBehindTheCompactedLogIsSentASnapshot "
                 "ProtocolScript.snapshot_slow_follower"},
    MutationRow{.mutation = Mutation::kL10WindowLeaks,
                .name = "kL10WindowLeaks",
                .bug = "acknowledged appends stay in the window",
                .tests = "ProtocolScript.inflight_limit"},
    MutationRow{.mutation = Mutation::kL10NeverAsksAgain,
                .name = "kL10NeverAsksAgain",
                .bug = "a follower whose window is full is not asked again",
                .tests = "RaftScenariosTest.L10_FullWindowOpensAgainAfterTotalLoss"},
    MutationRow{
        .mutation = Mutation::kL11LossIsNotTold,
        .name = "kL11LossIsNotTold",
        .bug = "a follower that lost its disk is never told",
        .tests =
            "SnapshotScenariosTest.L11_FollowerThatLostItsDiskIsToldAndNeitherVotesNorCampaigns"},
    MutationRow{.mutation = Mutation::kL11CountsLostData,
                .name = "kL11CountsLostData",
                .bug = "a follower that lost data is counted for commits",
                .tests = "ProtocolScript.lost_disk_is_not_counted "
                         "SnapshotScenariosTest.L11_AcknowledgementsOfWhoLostDataDoNotCount"},
    MutationRow{
        .mutation = Mutation::kL11FillsBlankVoter,
        .name = "kL11FillsBlankVoter",
        .bug = "a voter that lost its disk is filled as if it were new",
        .tests = "ProtocolScript.lost_disk_of_voter ProtocolScript.lost_disk_of_first_voter"},
    MutationRow{.mutation = Mutation::kL11BlankReplicaVotes,
                .name = "kL11BlankReplicaVotes",
                .bug = "a replica without a configuration votes",
                .tests = "SnapshotScenariosTest.L11_"
                         "ReplicaWithoutConfigurationVotesForNobodyAndAsksForASnapshot"},
    MutationRow{
        .mutation = Mutation::kL12SnapshotRetriedAtOnce,
        .name = "kL12SnapshotRetriedAtOnce",
        .bug = "a failed snapshot is sent again without waiting",
        .tests = "SnapshotScenariosTest.L12_FailedSnapshotIsNotSentAgainAtOnceAndNeverTwiceAtATime "
                 "ProtocolScript.snapshot_lost"},
    MutationRow{.mutation = Mutation::kL12OlderTransferWins,
                .name = "kL12OlderTransferWins",
                .part = MutatedPart::kStorage,
                .bug = "a transfer of an older term takes over",
                .tests = "SnapshotTransferTakeoverTest.AnOldLeaderIsRefused"},
    MutationRow{.mutation = Mutation::kL12MixesTransfers,
                .name = "kL12MixesTransfers",
                .part = MutatedPart::kStorage,
                .bug = "pieces of two snapshots go into one",
                .tests = "SnapshotTransferTakeoverTest.OfTwoLeadersAtOnceTheLaterTermWins"},
    MutationRow{.mutation = Mutation::kL12BeginsTransferAnew,
                .name = "kL12BeginsTransferAnew",
                .part = MutatedPart::kStorage,
                .bug = "a snapshot whose sender changes begins at zero",
                .tests = "SnapshotTransferTakeoverTest.ASenderThatBeginsAgainGoesOnWhereItWas"},
    MutationRow{
        .mutation = Mutation::kL13TimeoutNowNeedsPromotion,
        .name = "kL13TimeoutNowNeedsPromotion",
        .bug = "a replica that has not applied its promotion ignores TimeoutNow",
        .tests =
            "LeadershipScenariosTest.L13_ReplicaThatHasNotAppliedItsPromotionCampaignsOnceItHas"},
    MutationRow{.mutation = Mutation::kL13PromotionIsNotTold,
                .name = "kL13PromotionIsNotTold",
                .bug = "who asks for votes does not tell a voter that it is one",
                .tests = "MembershipScenariosTest.RequestsForVotesTellWhatIsCommitted "
                         "ProtocolScript.vote_request_tells_commit"},
    MutationRow{.mutation = Mutation::kL13ProposesDuringTransfer,
                .name = "kL13ProposesDuringTransfer",
                .bug = "proposals are taken during a transfer",
                .tests = "LeadershipScenariosTest.L13_NothingIsProposedDuringATransferAndItEnds"},
    MutationRow{.mutation = Mutation::kL14ForgetsReads,
                .name = "kL14ForgetsReads",
                .bug = "reads are not answered at step-down",
                .tests = "LeadershipScenariosTest.L14_ReadsAreRefusedAtStepDown"},
    MutationRow{.mutation = Mutation::kL14ForgetsProposals,
                .name = "kL14ForgetsProposals",
                .part = MutatedPart::kRuntime,
                .bug = "proposals are not answered at step-down or stop",
                .tests = "ReplicaTest.StopAnswersWhatIsOpen"},
    MutationRow{.mutation = Mutation::kL15InboxGrows,
                .name = "kL15InboxGrows",
                .part = MutatedPart::kRuntime,
                .bug = "messages that a replica has not looked at are not bounded",
                .tests = "InboxTest.TooManyMessagesAreDropped"},
    MutationRow{.mutation = Mutation::kL15ConnectionGrows,
                .name = "kL15ConnectionGrows",
                .part = MutatedPart::kTransport,
                .bug = "messages that wait for a connection are not bounded",
                .tests = "TcpTransportTest.MessagesBeyondTheBoundAreDropped"},
    MutationRow{.mutation = Mutation::kL16IgnoresByteRate,
                .name = "kL16IgnoresByteRate",
                .part = MutatedPart::kStorage,
                .bug = "snapshots go as fast as disk and network let them",
                .tests = "SnapshotTransferPaceTest.TheReceiverKeepsToItsRate "
                         "SnapshotTransferPaceTest.TheSenderKeepsToItsRate"},
};

constexpr bool FollowsTheEnumerators() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<size_t>(kTable[i].mutation) != i + 1) return false;
  }
  return kTable.size() + 1 == static_cast<size_t>(Mutation::kCount);
}
static_assert(FollowsTheEnumerators(), "a switch has no row, or not at its place");

}  // namespace

absl::Span<const MutationRow> MutationTable() { return kTable; }

std::string ScenarioOf(const MutationRow& row) {
  const size_t end = row.name.find_first_not_of("0123456789", 2);
  return std::string(row.name.substr(1, end - 1));
}

absl::string_view PartName(MutatedPart part) {
  switch (part) {
    case MutatedPart::kCore:
      return "core";
    case MutatedPart::kStorage:
      return "storage";
    case MutatedPart::kRuntime:
      return "runtime";
    case MutatedPart::kTransport:
      return "transport";
  }
  return "";
}

std::vector<std::string> TestsOf(const MutationRow& row) {
  return absl::StrSplit(row.tests, ' ', absl::SkipEmpty());
}

}  // namespace blixard::raft
