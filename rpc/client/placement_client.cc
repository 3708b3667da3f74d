#include "rpc/client/placement_client.h"

#include <glog/logging.h>
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "rpc/client/endpoints.h"
#include "rpc/client/host_port.h"
#include "rpc/client/last_answer.h"
#include "rpc/proto/membership.grpc.pb.h"
#include "rpc/proto/placement.grpc.pb.h"
#include "rpc/service/error_status.h"

namespace blixard::rpc {
namespace {

using AsyncStub = v1::Placement::StubInterface::async_interface;

template <class Request, class Response>
using Method = void (AsyncStub::*)(grpc::ClientContext*, const Request*, Response*,
                                   std::function<void(grpc::Status)>);

// Reads have no request id: asking twice does no harm.
template <class Request>
constexpr bool kIsChange = requires(Request request) {
  request.mutable_request_id();
};

// Nothing was decided, or nobody knows: the same request id makes it safe to ask again.
bool MayBeRetried(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::CANCELLED:  // a server that shuts down
    case grpc::StatusCode::UNKNOWN:    // a connection that broke in the middle
      return true;
    default:
      return false;
  }
}

constexpr absl::Duration kLearnMembersEvery = absl::Seconds(5);

struct Listing {
  grpc::ClientContext context;
  v1::ListMembersRequest request;
  v1::ListMembersResponse response;
};

std::vector<std::string> AddressesOf(const v1::ListMembersResponse& members) {
  std::vector<std::string> addresses;
  for (const v1::Member& member : members.members()) {
    if (!member.address().empty()) addresses.push_back(member.address());
  }
  return addresses;
}

}  // namespace

class PlacementClient::Impl {
 public:
  explicit Impl(const ClientOptions& options)
      : options_(options), endpoints_(options.endpoints), client_id_(options.client_id) {
    absl::BitGen random;
    while (client_id_ == 0) client_id_ = absl::Uniform<uint64_t>(random);
  }

  ~Impl() {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [this] { return calls_ == 0; });
  }

  template <class Request, class Response>
  void Start(Method<Request, Response> method, Request request, Callback<Response> done) {
    if constexpr (kIsChange<Request>) {
      request.mutable_request_id()->set_client_id(client_id_);
      request.mutable_request_id()->set_sequence(next_sequence_.fetch_add(1));
    }
    {
      std::lock_guard lock(mutex_);
      ++calls_;
    }
    (new Call<Request, Response>(*this, method, std::move(request), std::move(done)))->Attempt();
  }

  ClientCounters counters() const {
    return {
        .attempts = attempts_.load(), .retries = retries_.load(), .redirects = redirects_.load()};
  }

 private:
  // One call over all its attempts; deletes itself after the last.
  template <class Request, class Response>
  class Call {
   public:
    Call(Impl& client, Method<Request, Response> method, Request request, Callback<Response> done)
        : client_(client),
          method_(method),
          request_(std::move(request)),
          done_(std::move(done)),
          give_up_at_(absl::Now() + client.options_.call_timeout) {}

    void Attempt() {
      client_.attempts_.fetch_add(1, std::memory_order_relaxed);
      if (attempts_++ > 0) client_.retries_.fetch_add(1, std::memory_order_relaxed);
      endpoint_ = client_.endpoints_.Leader();
      context_.emplace();
      context_->set_deadline(absl::ToChronoTime(
          std::min(give_up_at_, absl::Now() + client_.options_.attempt_timeout)));
      response_.Clear();
      (endpoint_->stub->async()->*method_)(&*context_, &request_, &response_,
                                           [this](const grpc::Status& status) { Answer(status); });
    }

   private:
    void Answer(const grpc::Status& status) {
      if (status.ok()) {
        client_.LearnMembers(*endpoint_);
        return End(response_);
      }
      const std::optional<v1::NotLeader> not_leader = FindNotLeader(status);
      if (!not_leader.has_value() && !MayBeRetried(status)) return End(FromGrpcStatus(status));
      last_answer_.Note(endpoint_->address, FromGrpcStatus(status));
      const absl::Duration pause = ChooseNext(status, not_leader);
      if (absl::Now() + pause >= give_up_at_) {
        return End(absl::DeadlineExceededError(
            absl::StrCat("no answer within ", absl::FormatDuration(client_.options_.call_timeout),
                         " and ", attempts_, " attempts, so ",
                         kIsChange<Request> ? "the outcome is unknown" : "nothing was read", "; ",
                         last_answer_.ToString())));
      }
      if (pause == absl::ZeroDuration()) return Attempt();
      alarm_.Set(absl::ToChronoTime(absl::Now() + pause), [this](bool) { Attempt(); });
    }

    // Returns how long to wait before asking there.
    absl::Duration ChooseNext(const grpc::Status& status,
                              const std::optional<v1::NotLeader>& not_leader) {
      const absl::Duration pause = client_.options_.retry_pause * std::min(attempts_, 10);
      if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) return pause;
      if (not_leader.has_value() && !not_leader->leader_address().empty()) {
        client_.redirects_.fetch_add(1, std::memory_order_relaxed);
        client_.endpoints_.FollowHint(endpoint_, not_leader->leader_address());
        return attempts_ == 1 ? absl::ZeroDuration() : pause;
      }
      client_.endpoints_.TryNext(endpoint_);
      return pause;
    }

    void End(const absl::StatusOr<Response>& result) {
      done_(result);
      Impl& client = client_;
      delete this;
      client.EndCall();
    }

    Impl& client_;
    const Method<Request, Response> method_;
    const Request request_;
    const Callback<Response> done_;
    const absl::Time give_up_at_;
    int attempts_ = 0;
    LastAnswer last_answer_;
    const Endpoints::Endpoint* endpoint_ = nullptr;
    std::optional<grpc::ClientContext> context_;
    Response response_;
    grpc::Alarm alarm_;
  };

  // So that the cluster is found even after all whom the caller named were replaced. Whoever
  // carried out a change leads, or did.
  void LearnMembers(const Endpoints::Endpoint& endpoint) {
    {
      std::lock_guard lock(mutex_);
      if (absl::Now() < learn_at_) return;
      learn_at_ = absl::Now() + kLearnMembersEvery;
      ++calls_;
    }
    auto* const listing = new Listing;
    listing->context.set_deadline(absl::ToChronoTime(absl::Now() + options_.attempt_timeout));
    endpoint.membership->async()->ListMembers(
        &listing->context, &listing->request, &listing->response,
        [this, listing](const grpc::Status& status) {
          if (status.ok()) endpoints_.FollowMembers(AddressesOf(listing->response));
          delete listing;
          EndCall();
        });
  }

  void EndCall() {
    std::lock_guard lock(mutex_);
    if (--calls_ == 0) all_done_.notify_all();
  }

  const ClientOptions options_;
  Endpoints endpoints_;
  uint64_t client_id_;
  std::atomic<uint64_t> next_sequence_{1};
  std::atomic<uint64_t> attempts_{0};
  std::atomic<uint64_t> retries_{0};
  std::atomic<uint64_t> redirects_{0};
  std::mutex mutex_;
  std::condition_variable all_done_;
  size_t calls_ = 0;                            // guarded by mutex_
  absl::Time learn_at_ = absl::InfinitePast();  // guarded by mutex_
};

namespace {

// Starts a call by `start(callback)` and waits for its answer.
template <class Response, class Start>
absl::StatusOr<Response> Await(Start start) {
  std::promise<absl::StatusOr<Response>> promise;
  start([&promise](const absl::StatusOr<Response>& result) { promise.set_value(result); });
  return promise.get_future().get();
}

}  // namespace

absl::StatusOr<std::unique_ptr<PlacementClient>> PlacementClient::Create(
    const ClientOptions& options) {
  if (options.endpoints.empty()) {
    return absl::InvalidArgumentError("endpoints: want at least one host:port, got none");
  }
  for (const std::string& endpoint : options.endpoints) {
    if (absl::Status valid = CheckHostPort("endpoints", endpoint); !valid.ok()) return valid;
  }
  return std::unique_ptr<PlacementClient>(new PlacementClient(std::make_unique<Impl>(options)));
}

PlacementClient::PlacementClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PlacementClient::~PlacementClient() = default;

void PlacementClient::RegisterNode(v1::RegisterNodeRequest request,
                                   Callback<v1::RegisterNodeResponse> done) {
  impl_->Start<v1::RegisterNodeRequest, v1::RegisterNodeResponse>(
      &AsyncStub::RegisterNode, std::move(request), std::move(done));
}

void PlacementClient::RemoveNode(v1::RemoveNodeRequest request,
                                 Callback<v1::RemoveNodeResponse> done) {
  impl_->Start<v1::RemoveNodeRequest, v1::RemoveNodeResponse>(&AsyncStub::RemoveNode,
                                                              std::move(request), std::move(done));
}

void PlacementClient::CreateVm(v1::CreateVmRequest request, Callback<v1::CreateVmResponse> done) {
  impl_->Start<v1::CreateVmRequest, v1::CreateVmResponse>(&AsyncStub::CreateVm, std::move(request),
                                                          std::move(done));
}

void PlacementClient::DeleteVm(v1::DeleteVmRequest request, Callback<v1::DeleteVmResponse> done) {
  impl_->Start<v1::DeleteVmRequest, v1::DeleteVmResponse>(&AsyncStub::DeleteVm, std::move(request),
                                                          std::move(done));
}

absl::StatusOr<v1::RegisterNodeResponse> PlacementClient::RegisterNode(
    v1::RegisterNodeRequest request) {
  return Await<v1::RegisterNodeResponse>(
      [&](auto done) { RegisterNode(std::move(request), std::move(done)); });
}

absl::StatusOr<v1::RemoveNodeResponse> PlacementClient::RemoveNode(v1::RemoveNodeRequest request) {
  return Await<v1::RemoveNodeResponse>(
      [&](auto done) { RemoveNode(std::move(request), std::move(done)); });
}

absl::StatusOr<v1::CreateVmResponse> PlacementClient::CreateVm(v1::CreateVmRequest request) {
  return Await<v1::CreateVmResponse>(
      [&](auto done) { CreateVm(std::move(request), std::move(done)); });
}

absl::StatusOr<v1::DeleteVmResponse> PlacementClient::DeleteVm(v1::DeleteVmRequest request) {
  return Await<v1::DeleteVmResponse>(
      [&](auto done) { DeleteVm(std::move(request), std::move(done)); });
}

void PlacementClient::GetVm(v1::GetVmRequest request, Callback<v1::GetVmResponse> done) {
  impl_->Start<v1::GetVmRequest, v1::GetVmResponse>(&AsyncStub::GetVm, std::move(request),
                                                    std::move(done));
}

void PlacementClient::ListVms(v1::ListVmsRequest request, Callback<v1::ListVmsResponse> done) {
  impl_->Start<v1::ListVmsRequest, v1::ListVmsResponse>(&AsyncStub::ListVms, std::move(request),
                                                        std::move(done));
}

void PlacementClient::ListNodes(v1::ListNodesRequest request,
                                Callback<v1::ListNodesResponse> done) {
  impl_->Start<v1::ListNodesRequest, v1::ListNodesResponse>(&AsyncStub::ListNodes,
                                                            std::move(request), std::move(done));
}

absl::StatusOr<v1::GetVmResponse> PlacementClient::GetVm(v1::GetVmRequest request) {
  return Await<v1::GetVmResponse>([&](auto done) { GetVm(std::move(request), std::move(done)); });
}

absl::StatusOr<v1::ListVmsResponse> PlacementClient::ListVms(v1::ListVmsRequest request) {
  return Await<v1::ListVmsResponse>(
      [&](auto done) { ListVms(std::move(request), std::move(done)); });
}

absl::StatusOr<v1::ListNodesResponse> PlacementClient::ListNodes(v1::ListNodesRequest request) {
  return Await<v1::ListNodesResponse>(
      [&](auto done) { ListNodes(std::move(request), std::move(done)); });
}

ClientCounters PlacementClient::counters() const { return impl_->counters(); }

}  // namespace blixard::rpc
