#include "rpc/service/placement_reads.h"

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/object_pool.h"
#include "rpc/service/error_status.h"
#include "rpc/service/placement_answers.h"

namespace blixard::rpc {
namespace {

grpc::Status RefusedStatus(const absl::Status& refused) {
  if (!absl::IsUnavailable(refused)) return ToGrpcStatus(refused);
  return {grpc::StatusCode::UNAVAILABLE, absl::StrCat(refused.message(), ": ask another replica")};
}

grpc::Status UnconfirmedStatus() {
  return {grpc::StatusCode::UNAVAILABLE,
          "no leader confirmed the read in time, an election may be running: ask again, here or at "
          "another replica, or with CONSISTENCY_STALE for what this one has applied"};
}

}  // namespace

// Pooled: gRPC's objects, the request among them, stay valid until Finish.
template <class Request, class Response>
class PlacementReads::Call final : public PlacementReads::Waiting {
 public:
  static memory::ObjectPool<Call>& Pool() {
    static auto& pool = *new memory::ObjectPool<Call>(
        "waiting_read",
        {.min_size = 16, .max_size = kMaxWaitingReads, .on_exhausted = memory::OnExhausted::kFail});
    return pool;
  }

  void Expect(PlacementReads& reads, const Request& request, grpc::ServerUnaryReactor* reactor,
              Response* response) {
    reads_ = &reads;
    request_ = &request;
    reactor_ = reactor;
    response_ = response;
  }

  void OnReadEnd(uint64_t, raft::ReadEnd end, raft::LogIndex) override {
    end_ = end;
    reads_->OnEnd(this, std::is_same_v<Request, v1::GetVmRequest>);
  }

  void Finish() override {
    grpc::Status status = end_ == raft::ReadEnd::kReady
                              ? AnswerRead(reads_->state_, *request_, response_)
                              : UnconfirmedStatus();
    grpc::ServerUnaryReactor* const reactor = reactor_;
    Pool().Attach(this).Reset();
    reactor->Finish(std::move(status));
  }

  void Reset() {
    reads_ = nullptr;
    request_ = nullptr;
    reactor_ = nullptr;
    response_ = nullptr;
  }

 private:
  PlacementReads* reads_ = nullptr;
  const Request* request_ = nullptr;
  grpc::ServerUnaryReactor* reactor_ = nullptr;
  Response* response_ = nullptr;
  raft::ReadEnd end_ = raft::ReadEnd::kRefused;
};

PlacementReads::PlacementReads(std::function<absl::Status(const raft::ReadRequest&)> ask,
                               const scheduler::PlacementStateMachine& state)
    : ask_(std::move(ask)),
      state_(state),
      lane_(
          [](std::vector<Waiting*>& calls) {
            for (Waiting* call : calls) call->Finish();
          },
          [](std::vector<Waiting*>& calls) { calls.clear(); }) {}

template <class Request, class Response>
void PlacementReads::Start(const Request& request, grpc::ServerUnaryReactor* reactor,
                           Response* response) {
  if (absl::Status valid = CheckRead(request); !valid.ok()) {
    return reactor->Finish(ToGrpcStatus(valid));
  }
  if (request.consistency() == v1::CONSISTENCY_STALE) {
    return reactor->Finish(AnswerRead(state_, request, response));
  }
  using Waiter = Call<Request, Response>;
  memory::Pooled<Waiter> call = Waiter::Pool().Acquire();
  if (!call) {
    return reactor->Finish({grpc::StatusCode::RESOURCE_EXHAUSTED,
                            "too many reads wait already; nothing was done, retry later"});
  }
  call->Expect(*this, request, reactor, response);
  Waiter* const waiting = call.Detach();  // comes back in Finish
  waiting_.fetch_add(1, std::memory_order_relaxed);
  if (absl::Status asked = ask_({.listener = waiting}); !asked.ok()) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    Waiter::Pool().Attach(waiting).Reset();
    reactor->Finish(RefusedStatus(asked));
  }
}

// A lone short read is answered where it is told of: waking a thread would cost it more.
void PlacementReads::OnEnd(Waiting* call, bool is_short) {
  const bool is_alone = waiting_.fetch_sub(1, std::memory_order_relaxed) == 1;
  if (is_alone && is_short) return call->Finish();
  std::lock_guard lock(mutex_);
  ended_.push_back(call);
  lane_.Submit(ended_);
}

template void PlacementReads::Start(const v1::GetVmRequest&, grpc::ServerUnaryReactor*,
                                    v1::GetVmResponse*);
template void PlacementReads::Start(const v1::ListVmsRequest&, grpc::ServerUnaryReactor*,
                                    v1::ListVmsResponse*);
template void PlacementReads::Start(const v1::ListNodesRequest&, grpc::ServerUnaryReactor*,
                                    v1::ListNodesResponse*);

}  // namespace blixard::rpc
