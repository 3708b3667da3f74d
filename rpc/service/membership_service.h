// Changes of the cluster's membership for operators (rpc/proto/membership.proto).
#ifndef BLIXARD_RPC_SERVICE_MEMBERSHIP_SERVICE_H_
#define BLIXARD_RPC_SERVICE_MEMBERSHIP_SERVICE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/node_status.h"
#include "raft/core/types.h"
#include "raft/runtime/replica.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/membership.grpc.pb.h"

namespace blixard::rpc {

// Thread-safe. All it is given outlives the server. Requests are judged by what the leader's status
// says, for the sake of good answers; what must never happen the core refuses once more.
class MembershipService : public v1::Membership::CallbackService {
 public:
  // `find_address` says where a member is reached: empty = not known.
  MembershipService(raft::Replica& replica, std::function<v1::NotLeader()> find_leader,
                    std::function<std::string(raft::ReplicaId)> find_address)
      : replica_(replica),
        find_leader_(std::move(find_leader)),
        find_address_(std::move(find_address)) {}

  grpc::ServerUnaryReactor* ListMembers(grpc::CallbackServerContext* context,
                                        const v1::ListMembersRequest* request,
                                        v1::ListMembersResponse* response) override;
  grpc::ServerUnaryReactor* AddMember(grpc::CallbackServerContext* context,
                                      const v1::AddMemberRequest* request,
                                      v1::ChangeMembersResponse* response) override;
  grpc::ServerUnaryReactor* PromoteMember(grpc::CallbackServerContext* context,
                                          const v1::PromoteMemberRequest* request,
                                          v1::ChangeMembersResponse* response) override;
  grpc::ServerUnaryReactor* RemoveMember(grpc::CallbackServerContext* context,
                                         const v1::RemoveMemberRequest* request,
                                         v1::ChangeMembersResponse* response) override;
  grpc::ServerUnaryReactor* TransferLeadership(grpc::CallbackServerContext* context,
                                               const v1::TransferLeadershipRequest* request,
                                               v1::TransferLeadershipResponse* response) override;

 private:
  // Has the leader carry out what `plan` makes of its status, and finishes the call when that has
  // ended.
  using Plan = std::function<absl::StatusOr<raft::ReplicaRequest>(const raft::NodeStatus&)>;
  grpc::ServerUnaryReactor* CarryOut(grpc::CallbackServerContext* context, const Plan& plan);

  absl::StatusOr<raft::ReplicaRequest> PlanAdd(const raft::NodeStatus& now,
                                               const v1::AddMemberRequest& request) const;

  raft::Replica& replica_;
  const std::function<v1::NotLeader()> find_leader_;
  const std::function<std::string(raft::ReplicaId)> find_address_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_MEMBERSHIP_SERVICE_H_
