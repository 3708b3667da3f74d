// What every sub-command of blixardctl shares: where the cluster is, how results are printed.
#ifndef BLIXARD_RPC_CLI_COMMAND_CONTEXT_H_
#define BLIXARD_RPC_CLI_COMMAND_CONTEXT_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/client/placement_client.h"

namespace blixard::rpc {

// Exit codes of blixardctl.
inline constexpr int kExitOk = 0;
inline constexpr int kExitRefused = 1;      // answered with "no", or a check failed
inline constexpr int kExitUsage = 2;        // wrong flags or input
inline constexpr int kExitUnavailable = 3;  // no answer: outcome unknown, or nothing was done

struct CommandContext {
  std::vector<std::string> endpoints;
  std::string output = "text";  // or json
  double timeout_s = 30;
  int exit_code = kExitOk;

  bool json() const { return output == "json"; }
  absl::StatusOr<std::unique_ptr<PlacementClient>> Connect() const;

  // Prints an error and sets the exit code that goes with it. If there was no answer, `advice` says
  // what to do about it.
  void Fail(const absl::Status& status, const char* advice = kLookAtTheCluster);

 private:
  static constexpr char kLookAtTheCluster[] =
      "check that the replicas named by --endpoints run: blixardctl cluster status";
};

// A JSON object on one line, with the names of the .proto file, fields that are zero included.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_COMMAND_CONTEXT_H_
