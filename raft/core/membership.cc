// Changes of membership, which take effect when they are applied (thesis, section 4).
#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

absl::Status RawNode::CheckMayChange() const {
  if (role_ != Role::kLeader) {
    return absl::FailedPreconditionError(absl::StrCat("role: want leader, got ", RoleName(role_)));
  }
  if (transferee_ != kNoReplica) {
    return absl::UnavailableError(absl::StrCat("leadership is on its way to replica ",
                                               static_cast<uint64_t>(transferee_),
                                               "; retry later"));
  }
  const bool at_once = Mutated(Mutation::kS4SecondChangeAtOnce);
  if (!HasCommittedInTerm() && !at_once) {
    return absl::UnavailableError(absl::StrCat("nothing of the leader's term ", term_.value,
                                               " is committed yet; retry later"));
  }
  if (pending_configuration_index_ > applied_ && !at_once) {
    return absl::UnavailableError(
        absl::StrCat("the change at index ", pending_configuration_index_.value,
                     " is not applied yet (applied is ", applied_.value, "); retry later"));
  }
  if (confirmed_change_ < configuration_index_ && !at_once) {
    return absl::UnavailableError(
        absl::StrCat("the change at index ", configuration_index_.value,
                     " is not confirmed by those who vote now; retry later"));
  }
  return absl::OkStatus();
}

absl::Status RawNode::CheckNewVoters(const ConfigurationChange& change) const {
  for (const MemberChange& one : change.changes) {
    if (one.type != MemberChangeType::kAddVoter || configuration_.HasVoter(one.id)) continue;
    if (absl::Status follows = CheckNewVoter(one.id); !follows.ok()) return follows;
  }
  return absl::OkStatus();
}

absl::Status RawNode::CheckNewVoter(ReplicaId id) const {
  const std::string name = absl::StrCat("replica ", static_cast<uint64_t>(id));
  const Member* const member = FindMember(id);
  const bool any_lag = config_.max_new_voter_lag == kAnyLag;
  if (member == nullptr) {
    if (any_lag) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(name,
                     ": want a learner to make a voter of, got no member; add it as a learner"
                     " first"));
  }
  const Progress& progress = member->progress;
  if (progress.lost_data()) {
    return absl::FailedPreconditionError(absl::StrCat(
        name,
        ": want one that has what it acknowledged, got one that lost it; remove it and add "
        "it with an empty directory under a new id"));
  }
  if (any_lag) return absl::OkStatus();
  const uint64_t lag = log_.last_index() - progress.match();
  if (progress.state() == ProgressState::kReplicate && lag <= config_.max_new_voter_lag) {
    if (progress.IsActive(ticks_)) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(
        name, " does not answer: want a learner that was heard from within the last ",
        config_.election_ticks, " ticks; check that it runs and can be reached, and retry"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      name, ": want a learner that follows at most ", config_.max_new_voter_lag,
      " entries behind, got one in state ", ProgressStateName(progress.state()), " that is ", lag,
      " behind (it has ", progress.match().value, " of ", log_.last_index().value,
      "); wait until it has caught up, and check that it runs and can be reached"));
}

absl::StatusOr<EntryId> RawNode::ProposeConfigurationChange(const ConfigurationChange& change) {
  if (absl::Status may = CheckMayChange(); !may.ok()) return may;
  absl::StatusOr<Configuration> after = Apply(configuration_, change);
  if (!after.ok()) return after.status();
  if (absl::Status effect = CheckChangesSomething(configuration_, change); !effect.ok()) {
    return effect;
  }
  if (absl::Status ready = CheckNewVoters(change); !ready.ok()) return ready;
  const size_t bytes = EncodedBytes(change);
  absl::StatusOr<memory::Buffer> payload = memory::BufferPool::Default().Acquire(bytes);
  if (!payload.ok()) return payload.status();
  return AppendChange(change, *std::move(payload));
}

EntryId RawNode::AppendChange(const ConfigurationChange& change, memory::Buffer payload) {
  const EntryId id{.term = term_, .index = log_.last_index() + 1};
  payload.Resize(EncodedBytes(change));
  Encode(change, payload.mutable_data());
  const uint32_t crc = PayloadCrc32c(payload.view());
  AppendOwn({.term = id.term,
             .index = id.index,
             .type = EntryType::kConfiguration,
             .payload_crc32c = crc,
             .payload = std::move(payload)});
  pending_configuration_index_ = id.index;
  return id;
}

Configuration RawNode::ApplyConfigurationChange(const Entry& entry) {
  CHECK(entry.type == EntryType::kConfiguration);
  CHECK_LE(entry.index, log_.handed_out_index());
  // A snapshot that was installed meanwhile covers it.
  if (entry.index <= configuration_index_) return configuration_;
  configuration_index_ = entry.index;
  confirmation_index_ = LogIndex{0};
  SwitchTo(ConfigurationAfter(configuration_, entry));
  FollowMembership();
  return configuration_;
}

Configuration RawNode::ConfigurationAfter(const Configuration& before, const Entry& entry) {
  const absl::StatusOr<ConfigurationChange> change =
      DecodeConfigurationChange(entry.payload.view());
  if (!change.ok()) return before;
  absl::StatusOr<Configuration> after = Apply(before, *change);
  return after.ok() ? *std::move(after) : before;
}

// Members that stay keep what is known of them.
void RawNode::SwitchTo(Configuration configuration) {
  if (Mutated(Mutation::kS22LearnersVote) && !configuration.IsJoint()) {
    configuration.voters = configuration.Members();
    configuration.learners.clear();
  }
  const InflightLimits limits{.max_messages = config_.max_inflight_messages,
                              .max_bytes = config_.max_inflight_bytes};
  std::vector<Member> members;
  for (ReplicaId id : configuration.Members()) {
    if (Member* known = FindMember(id)) {
      members.push_back(std::move(*known));
      continue;
    }
    members.push_back({.id = id, .progress = Progress(limits, FirstSession(++memberships_))});
    Progress& progress = members.back().progress;
    if (id == config_.id) {
      progress.SetOwnMatch(log_.stable_index());
    } else {
      progress.BeginTerm(log_.last_index());
    }
    // A new member must not make the leader step down before it could answer anything.
    progress.SetActiveUntil(ActiveUntil());
  }
  members_ = std::move(members);
  configuration_ = std::move(configuration);
  self_ = nullptr;  // was one of the old
  self_ = FindMember(config_.id);
}

// What a new configuration means for what is going on.
void RawNode::FollowMembership() {
  if (role_ != Role::kLeader) {
    if (role_ != Role::kFollower && !configuration_.HasVoter(config_.id)) {
      BecomeFollower(term_, kNoReplica);
    }
    return CampaignIfAsked();
  }
  if (!configuration_.HasVoter(transferee_)) transferee_ = kNoReplica;
  AdvanceCommit();  // fewer may be needed now
  AnswerReads();
}

// A change is in force where it is applied, but who holds it and starts again after a power cut may
// not know that it is committed, and would ask the voters before it: also those that it removed,
// and as many as it took before it. So the leader follows it with an empty entry, which tells
// whoever holds it (LastCommittedChange): it is appended when the change is applied here, and once
// it is committed a majority of the new voters holds it. Of every majority of them, whoever has
// most of the log then knows of the change, and needs nobody else to be elected. A next change, as
// that which leaves a joint configuration, tells as much.
void RawNode::ConfirmChange() {
  if (role_ != Role::kLeader || confirmed_change_ == configuration_index_) return;
  if (confirmation_index_ == LogIndex{0}) {
    if (pending_configuration_index_ > applied_ || transferee_ != kNoReplica) return;
    if (configuration_.IsJoint() && configuration_.auto_leave) return;
    confirmation_index_ = log_.last_index() + 1;
    if (!Mutated(Mutation::kL6ChangeIsNotConfirmed)) return AppendEmpty();
    confirmation_index_ = applied_;
  }
  if (confirmation_index_ > applied_) return;
  confirmed_change_ = configuration_index_;
  if (!configuration_.HasVoter(config_.id)) LeaveOnRemoval();
}

// A leader that is no voter any more hands over to the voter that has most, so that the group is
// not without a leader until a timeout (openraft #2091).
void RawNode::LeaveOnRemoval() {
  const Member* best = nullptr;
  for (const Member& member : members_) {
    if (!configuration_.HasVoter(member.id) || HasLostData(member)) continue;
    if (best == nullptr || member.progress.match() > best->progress.match()) best = &member;
  }
  if (best != nullptr && !Mutated(Mutation::kL6RemovedLeaderJustStops)) SendTimeoutNow(*best);
  BecomeFollower(term_, kNoReplica);
}

// A joint configuration that is to end by itself: the leader of the moment proposes it, be it the
// one that began it or a later one (etcd #12136), once the joint entry is committed and applied.
void RawNode::LeaveJointIfDue() {
  if (role_ != Role::kLeader || !configuration_.IsJoint() || !configuration_.auto_leave) return;
  const bool too_early = !HasCommittedInTerm() || pending_configuration_index_ > applied_;
  if (too_early && !Mutated(Mutation::kS5LeavesUncommittedJoint)) return;
  if (transferee_ != kNoReplica) return;
  if (Mutated(Mutation::kL5ForgetsAutoLeave) && log_.TermAt(configuration_index_) != term_) return;
  const ConfigurationChange leave;
  absl::StatusOr<memory::Buffer> payload =
      memory::BufferPool::Default().Acquire(EncodedBytes(leave));
  if (payload.ok()) AppendChange(leave, *std::move(payload));  // else at the next tick
}

}  // namespace blixard::raft
