// Snapshots in the log: taken, compacted behind, sent to who is too far behind, installed
// (paper, section 7). Their data are the owner's business.
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/types/span.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/mutation.h"
#include "raft/core/raw_node.h"

namespace blixard::raft {
namespace {

// Empty when there is no room for it now.
memory::Buffer EncodedInBuffer(const Configuration& configuration) {
  const size_t bytes = EncodedBytes(configuration);
  absl::StatusOr<memory::Buffer> buffer = memory::BufferPool::Default().Acquire(bytes);
  if (!buffer.ok()) return {};
  buffer->Resize(bytes);
  Encode(configuration, buffer->mutable_data());
  return *std::move(buffer);
}

}  // namespace

void RawNode::SetSnapshot(SnapshotMeta snapshot) {
  const EntryId& last = snapshot.last;
  CHECK_GE(last.index, snapshot_.last.index) << "a snapshot older than the last one";
  CHECK_LE(last.index, applied_) << "a snapshot of what was not applied";
  if (last.index >= log_.base().index) CHECK_EQ(log_.TermAt(last.index), last.term);
  if (last.index >= configuration_index_) {
    CHECK(snapshot.configuration == configuration_)
        << "the snapshot has " << ToString(snapshot.configuration) << ", applied is "
        << ToString(configuration_);
  }
  snapshot_ = std::move(snapshot);
  snapshot_payload_.Reset();
}

void RawNode::Compact(LogIndex through) {
  CHECK_LE(through, snapshot_.last.index) << "no snapshot covers it";
  CHECK_LE(through, applied_) << "it is not applied";
  if (through <= log_.base().index) return;
  const absl::Span<const Entry> applying = ready_.apply.committed;
  if (!applying.empty()) CHECK_LT(through, applying.front().index) << "the open batch holds it";
  log_.CompactThrough(through);
}

// With max_new_voter_lag whoever became a voter had a log before. A voter without so much as a
// configuration has lost its disk, and with it perhaps a vote: it is given none again, so it stays
// what never votes, through all its lives, until it was removed and added anew. Who is a voter is
// known for certain when every change in the log is applied.
bool RawNode::WithholdsSnapshot(const Member& peer) const {
  if (config_.max_new_voter_lag == kAnyLag || !peer.progress.is_blank()) return false;
  if (Mutated(Mutation::kL11FillsBlankVoter)) return false;
  return configuration_.HasVoter(peer.id) || pending_configuration_index_ > applied_;
}

// A voter that lost its disk, was removed and is a member anew under the same id: from a snapshot
// or a log of before its removal it would for a while be the voter again that it was, without what
// it had acknowledged. It would elect who knows nothing later, or itself where it was alone. So it
// begins with a snapshot of after its removal.
bool RawNode::NeedsNewerSnapshot(const Member& peer) const {
  if (config_.max_new_voter_lag == kAnyLag || !peer.progress.is_blank()) return false;
  if (Mutated(Mutation::kL11FillsBlankVoter)) return false;
  Configuration known = snapshot_.configuration;
  for (LogIndex index = snapshot_.last.index + 1; index <= configuration_index_; ++index) {
    if (known.HasVoter(peer.id)) return true;
    const Entry& entry = log_.At(index);
    if (entry.type == EntryType::kConfiguration) known = ConfigurationAfter(known, entry);
  }
  return known.HasVoter(peer.id);
}

// Looks again: the snapshot may have been taken since, while that member is away.
bool RawNode::WantsNewerSnapshot() const {
  return role_ == Role::kLeader &&
         std::any_of(members_.begin(), members_.end(), [this](const Member& member) {
           return member.waits_for_newer_snapshot && NeedsNewerSnapshot(member);
         });
}

bool RawNode::HasLostData(const Member& peer) const {
  if (peer.progress.lost_data()) return true;
  return WithholdsSnapshot(peer) && pending_configuration_index_ <= applied_;
}

// A snapshot without configuration would do harm: if it cannot be encoded now, the next answer to
// a heartbeat tries again.
void RawNode::SendSnapshot(Member& peer) {
  CHECK(!snapshot_.configuration.IsEmpty());
  CHECK_GE(snapshot_.last.index, log_.base().index);
  if (!snapshot_payload_) snapshot_payload_ = EncodedInBuffer(snapshot_.configuration);
  peer.progress.OnSnapshotSent(snapshot_.last.index);
  if (!snapshot_payload_) return peer.progress.OnSnapshotReported(/*delivered=*/false);
  Message& message = Send(now_, MessageType::kSnapshot, peer.id);
  message.log = snapshot_.last;
  if (Mutated(Mutation::kS21SnapshotOfAnyTerm)) message.log.term = term_;
  message.payload = snapshot_payload_;
  message.context = peer.progress.session();
  message.lost_data = peer.progress.lost_data() && !Mutated(Mutation::kL11LossIsNotTold);
  message.wants_snapshot = peer.progress.is_blank();
}

void RawNode::ReportSnapshot(ReplicaId peer, bool delivered) {
  if (role_ != Role::kLeader || peer == config_.id) return;
  if (Member* member = FindMember(peer)) member->progress.OnSnapshotReported(delivered);
}

void RawNode::HandleSnapshot(const Message& message, Configuration configuration) {
  const EntryId& last = message.log;
  if (configuration_.IsEmpty()) {
    // Meant for one that was not blank: the disk was lost since.
    const bool any_lag = config_.max_new_voter_lag == kAnyLag;
    if (!message.wants_snapshot && !any_lag) return RejectAppend(message);
    // With this it begins anew. Should it be the one that lost data, the next append says so; a
    // snapshot may have been begun for who had this id before.
    lost_data_ = false;
    session_ = std::max(session_, message.context);
  } else {
    HearOfLoss(message);
  }
  if (!configuration_.IsEmpty() && last.index <= log_.commit_index()) {
    if (last.index >= log_.base().index) {
      CHECK(log_.Holds(last)) << "leader " << message.from << " of term " << term_
                              << " has another entry at the committed index " << last.index;
    }
    verified_ = std::max(verified_, log_.commit_index());
    return AcceptAppend(message, log_.commit_index());
  }
  const bool keeps_log = log_.Holds(last) || (Mutated(Mutation::kS20KeepsConflictingLog) &&
                                              last.index <= log_.last_index());
  if (!configuration_.IsEmpty() && keeps_log) {
    // The log has it all; what follows it may be good, too.
    verified_ = std::max(verified_, last.index);
    log_.CommitTo(last.index);
    return AcceptAppend(message, log_.commit_index());
  }
  Install({.last = last, .configuration = std::move(configuration)});
  AcceptAppend(message, log_.commit_index());
}

// The whole log gives way, also what is behind the snapshot's end: it continues another history
// (hashicorp/raft #697). So does the membership, whatever unapplied changes the log held
// (openraft #1808).
void RawNode::Install(SnapshotMeta snapshot) {
  log_.Restart(snapshot.last);
  for (size_t i = 0; i < appends_.size(); ++i) appends_[i].last = LogIndex{0};
  verified_ = applied_ = snapshot.last.index;
  configuration_index_ = snapshot.last.index;
  if (!Mutated(Mutation::kS3KeepsOldMembership)) SwitchTo(snapshot.configuration);
  snapshot_ = snapshot;
  snapshot_payload_.Reset();
  to_install_ = std::move(snapshot);
}

}  // namespace blixard::raft
