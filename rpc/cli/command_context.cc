#include "rpc/cli/command_context.h"

#include <glog/logging.h>
#include <google/protobuf/util/json_util.h>

#include <iostream>

#include "rpc/client/host_port.h"

namespace blixard::rpc {

absl::StatusOr<std::unique_ptr<PlacementClient>> CommandContext::Connect() const {
  return PlacementClient::Create(
      {.endpoints = endpoints, .call_timeout = absl::Seconds(timeout_s)});
}

absl::Status CommandContext::AskAny(const std::function<absl::Status(ReplicaClient&)>& ask) const {
  absl::Status answer = absl::InvalidArgumentError("--endpoints: want at least one host:port");
  for (const std::string& endpoint : endpoints) {
    answer = CheckHostPort("--endpoints", endpoint);
    if (!answer.ok()) return answer;
  }
  const absl::Duration each = absl::Seconds(timeout_s) / static_cast<double>(endpoints.size());
  for (const std::string& endpoint : endpoints) {
    ReplicaClient client(endpoint, each);
    answer = ask(client);
    if (!absl::IsUnavailable(answer) && !absl::IsDeadlineExceeded(answer)) break;
  }
  return answer;
}

void CommandContext::Fail(const absl::Status& status) {
  std::cerr << "blixardctl: " << status.message() << "\n";
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      exit_code = kExitUsage;
      break;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      std::cerr << "check that the replicas named by --endpoints run: blixardctl cluster status\n";
      exit_code = kExitUnavailable;
      break;
    default:
      exit_code = kExitRefused;
  }
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(message, &json, options);
  CHECK(printed.ok()) << printed.ToString();
  return json;
}

}  // namespace blixard::rpc
