// Handing leadership over on purpose (thesis 3.10).
#include <glog/logging.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {

absl::Status RawNode::TransferLeader(ReplicaId to) {
  if (role_ == Role::kLeader) return BeginTransfer(to);
  if (!configuration_.HasVoter(to)) {
    return absl::InvalidArgumentError(
        absl::StrCat("to: want a voter, got ", static_cast<uint64_t>(to)));
  }
  if (leader_ == kNoReplica) return absl::UnavailableError("leader: want one known, got none");
  Send(now_, MessageType::kTransferLeader, leader_).context = static_cast<uint64_t>(to);
  return absl::OkStatus();
}

absl::Status RawNode::BeginTransfer(ReplicaId to) {
  if (!configuration_.HasVoter(to)) {
    return absl::InvalidArgumentError(
        absl::StrCat("to: want a voter, got ", static_cast<uint64_t>(to)));
  }
  if (to == config_.id) {
    transferee_ = kNoReplica;
    return absl::OkStatus();
  }
  if (to == transferee_) return absl::OkStatus();
  transferee_ = to;
  transfer_elapsed_ticks_ = 0;
  const Member& member = *FindMember(to);
  if (member.progress.match() == log_.last_index()) SendTimeoutNow(member);
  return absl::OkStatus();
}

// Brings the commit index along: the receiver may have to apply its own promotion first.
void RawNode::SendTimeoutNow(const Member& to) {
  lease_is_broken_ = true;
  Message& message = Send(now_, MessageType::kTimeoutNow, to.id);
  message.log = log_.last_id();
  message.commit = log_.commit_index();
}

void RawNode::HandleTransferLeader(const Message& request) {
  if (role_ != Role::kLeader) return;
  // Nobody waits for the outcome; who asked sees it in who leads.
  BeginTransfer(ReplicaId{request.context}).IgnoreError();
}

// Its promotion may be in the log but not applied here: then it campaigns as soon as it is, within
// an election timeout (tikv #4045).
void RawNode::HandleTimeoutNow(const Message& message) {
  if (log_.Holds(message.log)) {
    verified_ = std::max(verified_, message.log.index);
    log_.CommitTo(std::min(message.commit, message.log.index));
  }
  asked_to_campaign_until_ = ticks_ + config_.election_ticks;
  CampaignIfAsked();
  if (Mutated(Mutation::kL13TimeoutNowNeedsPromotion)) asked_to_campaign_until_ = 0;
}

void RawNode::CampaignIfAsked() {
  if (asked_to_campaign_until_ == 0 || role_ != Role::kFollower) return;
  if (ticks_ >= asked_to_campaign_until_) {
    asked_to_campaign_until_ = 0;
    return;
  }
  if (!configuration_.HasVoter(config_.id) || lost_data_) return;
  if (HasUnappliedChange()) return;
  asked_to_campaign_until_ = 0;
  ++campaigns_;
  BecomeCandidate(Campaigning::kByTransfer);
}

// Refuses to be the reason for a stale lease read.
void RawNode::ForgetLeader() {
  if (role_ == Role::kLeader || config_.lease.enabled || leader_ == kNoReplica) return;
  const uint32_t elapsed = election_elapsed_ticks_;
  BecomeFollower(term_, kNoReplica);
  election_elapsed_ticks_ = elapsed;
}

}  // namespace blixard::raft
