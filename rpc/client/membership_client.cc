#include "rpc/client/membership_client.h"

#include <glog/logging.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rpc/client/host_port.h"
#include "rpc/client/last_answer.h"
#include "rpc/proto/membership.grpc.pb.h"
#include "rpc/service/error_status.h"
#include "rpc/transport/channel.h"

namespace blixard::rpc {
namespace {

constexpr absl::Duration kAttemptTimeout = absl::Seconds(5);
constexpr absl::Duration kPause = absl::Milliseconds(100);
constexpr absl::Duration kTransferPatience = absl::Seconds(10);
constexpr size_t kMaxEndpoints = 64;  // hints of a confused cluster do not grow the list for ever
constexpr absl::StatusCode kNothingMeansDone = absl::StatusCode::kOk;

using Stub = v1::Membership::Stub;

// Calls `method` at `endpoint`.
template <class Request, class Response>
grpc::Status Call(const std::string& endpoint, absl::Duration timeout,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response) {
  const std::unique_ptr<Stub> stub = v1::Membership::NewStub(MakeChannel(endpoint));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  return (*stub.*method)(&context, request, response);
}

}  // namespace

struct MembershipClient::Attempt {
  explicit Attempt(const grpc::Status& answer)
      : status(FromGrpcStatus(answer)), not_leader(FindNotLeader(answer)) {}

  // A leader may say "not now"; then asking again is all there is to do.
  bool MayPassLater() const {
    return not_leader.has_value() || absl::IsUnavailable(status) ||
           absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status) ||
           absl::IsCancelled(status) || absl::IsUnknown(status);
  }

  absl::Status status;
  std::optional<v1::NotLeader> not_leader;
};

MembershipClient::MembershipClient(std::vector<std::string> endpoints, absl::Duration timeout)
    : endpoints_(std::move(endpoints)), timeout_(timeout) {
  CHECK(!endpoints_.empty());
  for (const std::string& endpoint : endpoints_) CHECK(CheckHostPort("endpoints", endpoint).ok());
}

absl::Status MembershipClient::AskLeader(const Ask& ask, absl::StatusCode means_done) {
  const absl::Time give_up_at = absl::Now() + timeout_;
  bool may_be_done = false;
  LastAnswer last_answer;
  while (true) {
    const std::string endpoint = endpoints_[next_];
    const absl::Duration left = give_up_at - absl::Now();
    const Attempt attempt = ask(endpoint, std::min(left, kAttemptTimeout));
    if (attempt.status.ok()) return absl::OkStatus();
    if (may_be_done && attempt.status.code() == means_done) return absl::OkStatus();
    if (!attempt.MayPassLater()) return attempt.status;
    last_answer.Note(endpoint, attempt.status);
    may_be_done = may_be_done || !attempt.not_leader.has_value();
    if (absl::Now() + kPause >= give_up_at) {
      return absl::DeadlineExceededError(absl::StrCat(
          "not done within ", absl::FormatDuration(timeout_), "; ", last_answer.ToString()));
    }
    GoOn(attempt);
  }
}

void MembershipClient::GoOn(const Attempt& attempt) {
  if (!attempt.not_leader.has_value() || attempt.not_leader->leader_address().empty()) {
    next_ = (next_ + 1) % endpoints_.size();
    absl::SleepFor(kPause);
    return;
  }
  const std::string& leader = attempt.not_leader->leader_address();
  const auto known = std::find(endpoints_.begin(), endpoints_.end(), leader);
  if (known != endpoints_.end()) {
    next_ = static_cast<size_t>(known - endpoints_.begin());
  } else if (endpoints_.size() < kMaxEndpoints) {
    endpoints_.push_back(leader);
    next_ = endpoints_.size() - 1;
  }
  absl::SleepFor(kPause);  // two replicas that take each other for the leader
}

absl::StatusOr<v1::ListMembersResponse> MembershipClient::List() {
  v1::ListMembersResponse response;
  const absl::Status listed = AskLeader(
      [&](const std::string& endpoint, absl::Duration timeout) {
        response.Clear();
        return Attempt(
            Call(endpoint, timeout, &Stub::ListMembers, v1::ListMembersRequest(), &response));
      },
      kNothingMeansDone);
  if (!listed.ok()) return listed;
  return response;
}

absl::Status MembershipClient::Add(uint64_t id, const std::string& address) {
  v1::AddMemberRequest request;
  request.set_replica_id(id);
  request.set_address(address);
  return AskLeader(
      [&](const std::string& endpoint, absl::Duration timeout) {
        v1::ChangeMembersResponse response;
        return Attempt(Call(endpoint, timeout, &Stub::AddMember, request, &response));
      },
      absl::StatusCode::kAlreadyExists);
}

absl::Status MembershipClient::Promote(uint64_t id) {
  v1::PromoteMemberRequest request;
  request.set_replica_id(id);
  return AskLeader(
      [&](const std::string& endpoint, absl::Duration timeout) {
        v1::ChangeMembersResponse response;
        return Attempt(Call(endpoint, timeout, &Stub::PromoteMember, request, &response));
      },
      absl::StatusCode::kAlreadyExists);
}

absl::Status MembershipClient::Remove(uint64_t id) {
  v1::RemoveMemberRequest request;
  request.set_replica_id(id);
  return AskLeader(
      [&](const std::string& endpoint, absl::Duration timeout) {
        v1::ChangeMembersResponse response;
        return Attempt(Call(endpoint, timeout, &Stub::RemoveMember, request, &response));
      },
      absl::StatusCode::kNotFound);
}

absl::StatusOr<uint64_t> MembershipClient::Transfer(uint64_t to) {
  const absl::StatusOr<v1::ListMembersResponse> before = List();
  if (!before.ok()) return before.status();
  if (to != 0 && before->leader_id() == to) return to;
  v1::TransferLeadershipRequest request;
  request.set_replica_id(to);
  const absl::Status asked = AskLeader(
      [&](const std::string& endpoint, absl::Duration timeout) {
        v1::TransferLeadershipResponse response;
        return Attempt(Call(endpoint, timeout, &Stub::TransferLeadership, request, &response));
      },
      kNothingMeansDone);
  if (!asked.ok()) return asked;
  const absl::Time give_up_at = absl::Now() + std::min(timeout_, kTransferPatience);
  while (absl::Now() < give_up_at) {
    const absl::StatusOr<v1::ListMembersResponse> now = List();
    if (!now.ok()) return now.status();
    const bool moved = to != 0 ? now->leader_id() == to : now->leader_id() != before->leader_id();
    if (moved) return now->leader_id();
    absl::SleepFor(kPause);
  }
  return absl::UnavailableError(
      absl::StrCat("the leadership did not move: replica ", before->leader_id(),
                   " was asked to hand it over; look at the members and try again"));
}

}  // namespace blixard::rpc
