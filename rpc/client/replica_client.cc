#include "rpc/client/replica_client.h"

#include <grpcpp/grpcpp.h>

#include "rpc/proto/cluster.grpc.pb.h"
#include "rpc/proto/placement.grpc.pb.h"
#include "rpc/service/error_status.h"
#include "rpc/transport/channel.h"

namespace blixard::rpc {
namespace {

constexpr uint32_t kPageSize = 5000;

}  // namespace

struct ReplicaClient::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : placement(v1::Placement::NewStub(channel)), cluster(v1::Cluster::NewStub(channel)) {}

  enum class IfNobodyListens { kWait, kFail };

  // Calls `call(context, &response)` with a deadline.
  template <class Response, class Call>
  static absl::StatusOr<Response> Ask(absl::Duration timeout, Call call,
                                      IfNobodyListens then = IfNobodyListens::kWait) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    context.set_wait_for_ready(then == IfNobodyListens::kWait);
    Response response;
    const grpc::Status status = call(&context, &response);
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

  // Asks for page after page until one names no next.
  template <class Request, class Response, class Call, class Visit>
  static absl::Status Walk(absl::Duration timeout, Call call, Visit visit) {
    Request request;
    request.set_page_size(kPageSize);
    request.set_consistency(v1::CONSISTENCY_STALE);
    do {
      const absl::StatusOr<Response> page =
          Ask<Response>(timeout, [&](grpc::ClientContext* context, Response* response) {
            return call(context, request, response);
          });
      if (!page.ok()) return page.status();
      visit(*page);
      request.set_page_token(page->next_page_token());
    } while (request.page_token() != 0);
    return absl::OkStatus();
  }

  absl::StatusOr<v1::ReplicaStatus> AskStatus(absl::Duration timeout, IfNobodyListens then) {
    return Ask<v1::ReplicaStatus>(
        timeout,
        [&](grpc::ClientContext* context, v1::ReplicaStatus* response) {
          return cluster->GetStatus(context, v1::GetStatusRequest(), response);
        },
        then);
  }

  const std::unique_ptr<v1::Placement::Stub> placement;
  const std::unique_ptr<v1::Cluster::Stub> cluster;
};

ReplicaClient::ReplicaClient(const std::string& address, absl::Duration timeout)
    : address_(address), timeout_(timeout), stubs_(std::make_unique<Stubs>(MakeChannel(address))) {}

ReplicaClient::~ReplicaClient() = default;

absl::StatusOr<v1::ReplicaStatus> ReplicaClient::GetStatus() {
  return stubs_->AskStatus(timeout_, Stubs::IfNobodyListens::kWait);
}

absl::StatusOr<v1::ReplicaStatus> ReplicaClient::GetStatusNow() {
  return stubs_->AskStatus(timeout_, Stubs::IfNobodyListens::kFail);
}

absl::Status ReplicaClient::ListVms(const std::function<void(const v1::Vm&)>& visit) {
  return Stubs::Walk<v1::ListVmsRequest, v1::ListVmsResponse>(
      timeout_,
      [&](grpc::ClientContext* context, const v1::ListVmsRequest& request,
          v1::ListVmsResponse* response) {
        return stubs_->placement->ListVms(context, request, response);
      },
      [&](const v1::ListVmsResponse& page) {
        for (const v1::Vm& vm : page.vms()) visit(vm);
      });
}

absl::Status ReplicaClient::ListNodes(const std::function<void(const v1::Node&)>& visit) {
  return Stubs::Walk<v1::ListNodesRequest, v1::ListNodesResponse>(
      timeout_,
      [&](grpc::ClientContext* context, const v1::ListNodesRequest& request,
          v1::ListNodesResponse* response) {
        return stubs_->placement->ListNodes(context, request, response);
      },
      [&](const v1::ListNodesResponse& page) {
        for (const v1::Node& node : page.nodes()) visit(node);
      });
}

}  // namespace blixard::rpc
