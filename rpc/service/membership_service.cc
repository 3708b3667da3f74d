#include "rpc/service/membership_service.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/runtime/replica_request.h"
#include "raft/runtime/replica_status.h"
#include "rpc/client/host_port.h"
#include "rpc/client/member_id.h"
#include "rpc/service/error_status.h"

namespace blixard::rpc {
namespace {

using raft::Configuration;
using raft::MemberChange;
using raft::MemberChangeType;
using raft::NodeStatus;
using raft::PeerStatus;
using raft::ReplicaId;
using raft::ReplicaRequest;

const PeerStatus* FindPeer(const NodeStatus& status, ReplicaId id) {
  const auto found = std::find_if(status.peers.begin(), status.peers.end(),
                                  [id](const PeerStatus& peer) { return peer.id == id; });
  return found == status.peers.end() ? nullptr : &*found;
}

absl::Status CheckMember(const NodeStatus& now, uint64_t id) {
  if (absl::Status valid = CheckMemberId("replica_id", id); !valid.ok()) return valid;
  if (now.configuration.HasMember(ReplicaId{id})) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("replica ", id, " is no member; they are ", raft::ToString(now.configuration)));
}

ReplicaRequest Changing(MemberChange change) {
  ReplicaRequest request{.kind = ReplicaRequest::Kind::kChangeMembers};
  request.change.changes.push_back(std::move(change));
  return request;
}

absl::StatusOr<ReplicaRequest> PlanPromote(const NodeStatus& now, uint64_t id) {
  if (absl::Status member = CheckMember(now, id); !member.ok()) return member;
  return Changing({.type = MemberChangeType::kAddVoter, .id = ReplicaId{id}});
}

// A removal that leaves too few voters that answer is the last thing the group would decide.
absl::Status CheckEnoughAreLeft(const NodeStatus& now, uint64_t removed) {
  size_t left = 0, active = 0;
  for (ReplicaId voter : now.configuration.voters) {
    if (voter == ReplicaId{removed}) continue;
    const PeerStatus* const peer = FindPeer(now, voter);
    ++left;
    active += voter == now.id || (peer != nullptr && peer->recent_active && !peer->lost_data);
  }
  if (left == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("replica ", removed,
                     " is the last voter: add and promote another one before it is removed"));
  }
  if (2 * active > left) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("without replica ", removed, " ", left,
                   " voters are left: want more than half of them to "
                   "answer, got ",
                   active,
                   ", and nothing could be decided any more; start them, or add and "
                   "promote another one first"));
}

absl::StatusOr<ReplicaRequest> PlanRemove(const NodeStatus& now, uint64_t id) {
  if (absl::Status member = CheckMember(now, id); !member.ok()) return member;
  if (now.configuration.HasVoter(ReplicaId{id})) {
    if (absl::Status enough = CheckEnoughAreLeft(now, id); !enough.ok()) return enough;
  }
  return Changing({.type = MemberChangeType::kRemove, .id = ReplicaId{id}});
}

absl::StatusOr<ReplicaRequest> PlanTransfer(const NodeStatus& now, uint64_t id) {
  const ReplicaRequest transfer{.kind = ReplicaRequest::Kind::kTransfer, .to = ReplicaId{id}};
  if (id == 0) return transfer;
  if (absl::Status member = CheckMember(now, id); !member.ok()) return member;
  if (!now.configuration.HasVoter(ReplicaId{id})) {
    return absl::FailedPreconditionError(
        absl::StrCat("replica ", id, " is a learner, which cannot lead: promote it first"));
  }
  const PeerStatus* const peer = FindPeer(now, ReplicaId{id});
  if (peer == nullptr || (peer->recent_active && !peer->lost_data)) return transfer;
  return absl::FailedPreconditionError(absl::StrCat(
      "replica ", id, peer->lost_data ? " lost what it had acknowledged" : " does not answer",
      ", so it cannot take over"));
}

v1::MemberRole RoleOf(const Configuration& configuration, ReplicaId id) {
  if (configuration.HasLearner(id)) return v1::MEMBER_ROLE_LEARNER;
  const auto& voters = configuration.voters;
  return std::binary_search(voters.begin(), voters.end(), id) ? v1::MEMBER_ROLE_VOTER
                                                              : v1::MEMBER_ROLE_LEAVING;
}

void FillIn(const PeerStatus& peer, const NodeStatus& now, v1::Member* member) {
  member->set_state(std::string(raft::ProgressStateName(peer.state)));
  member->set_match_index(peer.match.value);
  member->set_behind(now.last_index - peer.match);
  if (peer.paused != raft::PauseReason::kNone) {
    member->set_paused(std::string(raft::PauseReasonName(peer.paused)));
  }
  member->set_active(peer.recent_active);
  member->set_lost_data(peer.lost_data);
}

}  // namespace

grpc::ServerUnaryReactor* MembershipService::ListMembers(grpc::CallbackServerContext* context,
                                                         const v1::ListMembersRequest*,
                                                         v1::ListMembersResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const NodeStatus now = replica_.Status().node;
  if (now.role != raft::Role::kLeader) {
    reactor->Finish(NotLeaderStatus(find_leader_()));
    return reactor;
  }
  response->set_leader_id(static_cast<uint64_t>(now.id));
  response->set_term(now.term.value);
  response->set_last_index(now.last_index.value);
  for (ReplicaId id : now.configuration.Members()) {
    v1::Member* const member = response->add_members();
    member->set_replica_id(static_cast<uint64_t>(id));
    member->set_address(find_address_(id));
    member->set_role(RoleOf(now.configuration, id));
    if (const PeerStatus* const peer = FindPeer(now, id)) {
      FillIn(*peer, now, member);
    } else {
      member->set_leads(true);
      member->set_active(true);
      member->set_match_index(now.last_index.value);
    }
  }
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

// Two members at one address would be one process, which one of them is not.
absl::StatusOr<ReplicaRequest> MembershipService::PlanAdd(
    const NodeStatus& now, const v1::AddMemberRequest& request) const {
  if (absl::Status valid = CheckMemberId("replica_id", request.replica_id()); !valid.ok())
    return valid;
  if (absl::Status valid = CheckHostPort("address", request.address()); !valid.ok()) return valid;
  const ReplicaId added{request.replica_id()};
  const Configuration& configuration = now.configuration;
  for (ReplicaId id : configuration.Members()) {
    if (find_address_(id) != request.address()) continue;
    return absl::AlreadyExistsError(absl::StrCat("replica ", static_cast<uint64_t>(id), " is a ",
                                                 configuration.HasVoter(id) ? "voter" : "learner",
                                                 " at ", request.address(), " already"));
  }
  return Changing({.type = configuration.HasVoter(added) ? MemberChangeType::kAddVoter
                                                         : MemberChangeType::kAddLearner,
                   .id = added,
                   .address = request.address()});
}

grpc::ServerUnaryReactor* MembershipService::AddMember(grpc::CallbackServerContext* context,
                                                       const v1::AddMemberRequest* request,
                                                       v1::ChangeMembersResponse*) {
  return CarryOut(context, [&](const NodeStatus& now) { return PlanAdd(now, *request); });
}

grpc::ServerUnaryReactor* MembershipService::PromoteMember(grpc::CallbackServerContext* context,
                                                           const v1::PromoteMemberRequest* request,
                                                           v1::ChangeMembersResponse*) {
  return CarryOut(context,
                  [&](const NodeStatus& now) { return PlanPromote(now, request->replica_id()); });
}

grpc::ServerUnaryReactor* MembershipService::RemoveMember(grpc::CallbackServerContext* context,
                                                          const v1::RemoveMemberRequest* request,
                                                          v1::ChangeMembersResponse*) {
  return CarryOut(context,
                  [&](const NodeStatus& now) { return PlanRemove(now, request->replica_id()); });
}

grpc::ServerUnaryReactor* MembershipService::TransferLeadership(
    grpc::CallbackServerContext* context, const v1::TransferLeadershipRequest* request,
    v1::TransferLeadershipResponse*) {
  return CarryOut(context,
                  [&](const NodeStatus& now) { return PlanTransfer(now, request->replica_id()); });
}

grpc::ServerUnaryReactor* MembershipService::CarryOut(grpc::CallbackServerContext* context,
                                                      const Plan& plan) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const NodeStatus now = replica_.Status().node;
  if (now.role != raft::Role::kLeader) {
    reactor->Finish(NotLeaderStatus(find_leader_()));
    return reactor;
  }
  absl::StatusOr<ReplicaRequest> request = plan(now);
  if (!request.ok()) {
    reactor->Finish(ToGrpcStatus(request.status()));
    return reactor;
  }
  const ReplicaId self = now.id;
  request->done = [this, self, reactor](const absl::Status& ended) {
    const bool moved = absl::IsFailedPrecondition(ended) && replica_.leader() != self;
    reactor->Finish(moved ? NotLeaderStatus(find_leader_()) : ToGrpcStatus(ended));
  };
  replica_.Request(*std::move(request));
  return reactor;
}

}  // namespace blixard::rpc
