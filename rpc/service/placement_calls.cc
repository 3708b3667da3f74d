#include "rpc/service/placement_calls.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/object_pool.h"
#include "rpc/service/error_status.h"

namespace blixard::rpc {
namespace {

using scheduler::Outcome;
using scheduler::OutcomeCode;

void FillIn(const Outcome& outcome, v1::RegisterNodeResponse* response) {
  response->set_node_id(static_cast<uint32_t>(outcome.node_id));
}

void FillIn(const Outcome&, v1::RemoveNodeResponse*) {}

void FillIn(const Outcome&, v1::DeleteVmResponse*) {}

void FillIn(const Outcome& outcome, v1::CreateVmResponse* response) {
  if (outcome.code == OutcomeCode::kNoFit) {
    v1::NoFit& no_fit = *response->mutable_no_fit();
    no_fit.set_nodes(outcome.no_fit.nodes);
    no_fit.set_lack_vcpu(outcome.no_fit.lack_vcpu);
    no_fit.set_lack_memory(outcome.no_fit.lack_memory);
    no_fit.set_lack_disk(outcome.no_fit.lack_disk);
    return;
  }
  v1::VmPlacement& placement = *response->mutable_placement();
  placement.set_vm_id(static_cast<uint64_t>(outcome.vm_id));
  placement.set_node_id(static_cast<uint32_t>(outcome.node_id));
}

grpc::Status ToStatus(const Outcome& outcome, absl::string_view name) {
  switch (outcome.code) {
    case OutcomeCode::kOk:
    case OutcomeCode::kNoFit:
      return grpc::Status::OK;
    case OutcomeCode::kAlreadyExists:
      return {grpc::StatusCode::ALREADY_EXISTS,
              absl::StrCat("name: want one that is not taken, got ", name)};
    case OutcomeCode::kNotFound:
      return {grpc::StatusCode::NOT_FOUND, absl::StrCat("name: want one that exists, got ", name)};
    case OutcomeCode::kNodeNotEmpty:
      return {grpc::StatusCode::FAILED_PRECONDITION,
              absl::StrCat("name: want a node without VMs, got ", name,
                           ", which has some: delete them first")};
    case OutcomeCode::kConflict:
      return {grpc::StatusCode::ABORTED,
              "the decision did not hold when it was applied and nothing was changed; send the "
              "request again with a new request_id"};
    case OutcomeCode::kLimitReached:
      return {grpc::StatusCode::OUT_OF_RANGE,
              "the cluster holds as many nodes or VMs as it can; nothing was changed"};
    case OutcomeCode::kInvalid:
      return {grpc::StatusCode::INTERNAL, "the request could not be decoded; nothing was changed"};
  }
  return {grpc::StatusCode::INTERNAL, "the outcome has a code that this version does not know"};
}

}  // namespace

// Waits for the proposal of one call. Pooled: gRPC's objects stay valid until Finish.
template <class Response>
class PlacementCalls::Pending : public raft::ProposalListener {
 public:
  static memory::ObjectPool<Pending>& Pool() {
    static auto& pool = *new memory::ObjectPool<Pending>(
        "pending_call", {.min_size = 64,
                         .max_size = raft::kMaxLiveProposals,
                         .on_exhausted = memory::OnExhausted::kHeap});
    return pool;
  }

  // `name` is part of the call's request message.
  void Expect(const PlacementCalls& calls, absl::string_view name,
              grpc::ServerUnaryReactor* reactor, Response* response) {
    calls_ = &calls;
    name_ = name;
    reactor_ = reactor;
    response_ = response;
  }

  void OnProposalEnd(const raft::RaftProposal& proposal, raft::ProposalEnd end) override {
    const grpc::Status status = Answer(proposal, end);
    grpc::ServerUnaryReactor* const reactor = reactor_;
    Pool().Attach(this).Reset();
    reactor->Finish(status);
  }

  void Reset() {
    calls_ = nullptr;
    name_ = {};
    reactor_ = nullptr;
    response_ = nullptr;
  }

 private:
  grpc::Status Answer(const raft::RaftProposal& proposal, raft::ProposalEnd end) const {
    switch (end) {
      case raft::ProposalEnd::kCommitted:
        break;
      case raft::ProposalEnd::kRefused:
        return NotLeaderStatus(calls_->find_leader_());
      case raft::ProposalEnd::kUnknown:
        return {grpc::StatusCode::UNAVAILABLE,
                "leadership was lost before the outcome was known: retry with the same request_id"};
    }
    const absl::StatusOr<Outcome> outcome = scheduler::DecodeOutcome(proposal.outcome);
    if (!outcome.ok()) return ToGrpcStatus(absl::InternalError(outcome.status().message()));
    const grpc::Status status = ToStatus(*outcome, name_);
    if (status.ok()) FillIn(*outcome, response_);
    return status;
  }

  const PlacementCalls* calls_ = nullptr;
  absl::string_view name_;
  grpc::ServerUnaryReactor* reactor_ = nullptr;
  Response* response_ = nullptr;
};

template <class Response>
void PlacementCalls::Start(const scheduler::Request& request, grpc::ServerUnaryReactor* reactor,
                           Response* response) {
  if (absl::Status valid = scheduler::ValidateRequest(request); !valid.ok()) {
    return reactor->Finish(ToGrpcStatus(valid));
  }
  memory::Pooled<raft::RaftProposal> proposal = raft::AcquireRaftProposal();
  if (!proposal) {
    return reactor->Finish({grpc::StatusCode::RESOURCE_EXHAUSTED,
                            "too many requests are under way; nothing was done, retry later"});
  }
  scheduler::EncodeRequest(request, &proposal->request);
  memory::Pooled<Pending<Response>> pending = Pending<Response>::Pool().Acquire();
  pending->Expect(*this, request.name, reactor, response);
  proposal->listener = pending.get();
  Pending<Response>* const waiting = pending.Detach();  // comes back in OnProposalEnd
  if (absl::Status queued = replica_.Propose(proposal); !queued.ok()) {
    Pending<Response>::Pool().Attach(waiting).Reset();
    reactor->Finish(RefusedStatus(queued));
  }
}

grpc::Status PlacementCalls::RefusedStatus(const absl::Status& refused) const {
  if (absl::IsFailedPrecondition(refused)) return NotLeaderStatus(find_leader_());
  return ToGrpcStatus(refused);
}

template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                    v1::RegisterNodeResponse*);
template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                    v1::RemoveNodeResponse*);
template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                    v1::CreateVmResponse*);
template void PlacementCalls::Start(const scheduler::Request&, grpc::ServerUnaryReactor*,
                                    v1::DeleteVmResponse*);

}  // namespace blixard::rpc
