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

void MembershipRequests::Follow() {
  if (!pending_.has_value()) return;
  if (node_.confirmed_change() >= pending_->entry.index) return End(absl::OkStatus());
  if (node_.role() == Role::kLeader && node_.term() == pending_->entry.term) return;
  End(absl::UnavailableError(
      "leadership was lost before the change was confirmed: ask the leader for it again"));
}

void MembershipRequests::EndAll() {
  if (!pending_.has_value()) return;
  End(absl::UnavailableError("the replica stops: ask the leader for the change again"));
}

void MembershipRequests::End(const absl::Status& status) {
  const Pending ended = *std::exchange(pending_, std::nullopt);
  ended.request.End(status);
}

}  // namespace blixard::raft
