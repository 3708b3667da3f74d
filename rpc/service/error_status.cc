#include "rpc/service/error_status.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

constexpr char kNotLeaderUrl[] = "type.googleapis.com/blixard.v1.NotLeader";

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.raw_code()),
                      std::string(status.message()));
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

grpc::Status NotLeaderStatus(const v1::NotLeader& not_leader) {
  const std::string message =
      not_leader.leader_id() == 0
          ? "this replica does not lead, and knows of no leader: an election may be running"
          : absl::StrCat("this replica does not lead; replica ", not_leader.leader_id(), " at ",
                         not_leader.leader_address(), " does");
  v1::ErrorStatus details;
  details.set_code(grpc::StatusCode::FAILED_PRECONDITION);
  details.set_message(message);
  v1::ErrorDetail& detail = *details.add_details();
  detail.set_type_url(kNotLeaderUrl);
  detail.set_value(not_leader.SerializeAsString());
  return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, message, details.SerializeAsString());
}

std::optional<v1::NotLeader> FindNotLeader(const grpc::Status& status) {
  v1::ErrorStatus details;
  if (status.error_code() != grpc::StatusCode::FAILED_PRECONDITION ||
      status.error_details().empty() || !details.ParseFromString(status.error_details())) {
    return std::nullopt;
  }
  for (const v1::ErrorDetail& detail : details.details()) {
    v1::NotLeader not_leader;
    if (detail.type_url() == kNotLeaderUrl && not_leader.ParseFromString(detail.value())) {
      return not_leader;
    }
  }
  return std::nullopt;
}

}  // namespace blixard::rpc
