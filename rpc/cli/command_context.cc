#include "rpc/cli/command_context.h"

#include <glog/logging.h>
#include <google/protobuf/util/json_util.h>

#include <iostream>

namespace blixard::rpc {

absl::StatusOr<std::unique_ptr<PlacementClient>> CommandContext::Connect() const {
  return PlacementClient::Create(
      {.endpoints = endpoints, .call_timeout = absl::Seconds(timeout_s)});
}

void CommandContext::Fail(const absl::Status& status, const char* advice) {
  std::cerr << "blixardctl: " << status.message() << "\n";
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      exit_code = kExitUsage;
      break;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      std::cerr << advice << "\n";
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
