#include "raft/runtime/membership_requests.h"

#include <utility>

namespace blixard::raft {

void MembershipRequests::Take(ReplicaRequest request) {
  if (pending_.has_value()) {
    return request.End(absl::UnavailableError(
        "membership: want no change under way, got one that is not carried out yet; retry later"));
  }
  const absl::StatusOr<EntryId> entry = node_.ProposeConfigurationChange(request.change);
  if (!entry.ok()) return request.End(entry.status());
  pending_.emplace(Pending{.request = std::move(request), .entry = *entry});
}

void MembershipRequests::OnApplied(EntryId entry, const Configuration& now) {
  if (!pending_.has_value()) return;
  if (entry == pending_->entry) pending_->applied = true;
  if (!pending_->applied || (now.IsJoint() && now.auto_leave)) return;
  End(absl::OkStatus());
}

void MembershipRequests::FollowLeadership() {
  if (!pending_.has_value()) return;
  if (node_.role() == Role::kLeader && node_.term() == pending_->entry.term) return;
  // Once it is committed, whoever leads leaves the joint configuration.
  End(pending_->applied ? absl::OkStatus()
                        : absl::UnavailableError(
                              "leadership was lost before the change was committed: look at the "
                              "members, then ask the leader again if need be"));
}

void MembershipRequests::EndAll() {
  if (!pending_.has_value()) return;
  End(pending_->applied ? absl::OkStatus()
                        : absl::UnavailableError("the replica stops: look at the members"));
}

void MembershipRequests::End(const absl::Status& status) {
  const Pending ended = *std::exchange(pending_, std::nullopt);
  ended.request.End(status);
}

}  // namespace blixard::raft
