#include "rpc/daemon/dev_command.h"

#include <glog/logging.h>
#include <google/protobuf/util/json_util.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "rpc/daemon/dev_cluster.h"
#include "rpc/daemon/termination.h"
#include "rpc/proto/output.pb.h"

namespace blixard::rpc {
namespace {

struct DevFlags {
  size_t replicas = 3;
  std::string data_directory;
  bool processes = false;
  std::string output = "text";
};

std::string MakeTemporaryDirectory() {
  std::string path = std::filesystem::temp_directory_path() / "blixard-dev-XXXXXX";
  return ::mkdtemp(path.data()) == nullptr ? "" : path;
}

void Print(const DevCluster& cluster, const std::string& output) {
  v1::DevCluster shown;
  for (const DevCluster::Member& member : cluster.members()) {
    v1::DevCluster::Replica& replica = *shown.add_replicas();
    replica.set_replica_id(static_cast<uint32_t>(member.id));
    replica.set_address(member.address);
    replica.set_data_directory(member.data_directory);
    replica.set_pid(static_cast<uint32_t>(member.pid));
  }
  if (output == "json") {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string json;
    const auto printed = google::protobuf::util::MessageToJsonString(shown, &json, options);
    CHECK(printed.ok()) << printed.ToString();
    std::cout << json << std::endl;
    return;
  }
  std::string endpoints;
  for (const v1::DevCluster::Replica& replica : shown.replicas()) {
    std::cout << "replica " << replica.replica_id() << "  " << replica.address() << "  pid "
              << replica.pid() << "  " << replica.data_directory() << "\n";
    endpoints += (endpoints.empty() ? "" : ",") + replica.address();
  }
  std::cout << "try: blixardctl --endpoints " << endpoints << " cluster status\n"
            << "stop with Ctrl-C" << std::endl;
}

int Dev(DevFlags flags) {
  const bool temporary = flags.data_directory.empty();
  if (temporary) flags.data_directory = MakeTemporaryDirectory();
  const absl::Cleanup remove_temporary = [&flags, temporary] {
    std::error_code ignored;
    if (temporary) std::filesystem::remove_all(flags.data_directory, ignored);
  };
  HoldTermination();
  std::atomic<bool> failed{false};
  DevClusterOptions options{.replicas = flags.replicas, .data_directory = flags.data_directory};
  if (flags.processes) options.program = std::filesystem::read_symlink("/proc/self/exe");
  absl::StatusOr<std::unique_ptr<DevCluster>> cluster =
      DevCluster::Start(options, [&failed](const absl::Status& failure) {
        LOG(ERROR) << "a replica stopped: " << failure;
        failed.store(true);
        RequestTermination();
      });
  if (!cluster.ok()) {
    std::cerr << "blixardd dev: " << cluster.status().message() << "\n";
    return absl::IsInvalidArgument(cluster.status()) ? 2 : 1;
  }
  Print(**cluster, flags.output);
  while (!AwaitTermination(absl::Hours(1))) {
  }
  (*cluster)->Stop();
  return failed.load() ? 1 : 0;
}

}  // namespace

void AddDevCommand(CLI::App& app, int* exit_code) {
  auto flags = std::make_shared<DevFlags>();
  CLI::App* const dev = app.add_subcommand(
      "dev", "Run a whole cluster on this machine, on free ports of the loopback interface");
  dev->add_option("--replicas", flags->replicas, "How many replicas")
      ->capture_default_str()
      ->check(CLI::Range(1, 9));
  dev->add_option("--data-dir", flags->data_directory,
                  "Where the logs stand; without it a temporary directory, removed at the end");
  dev->add_flag("--processes", flags->processes, "One blixardd serve process for each replica");
  dev->add_option("--output", flags->output, "How the addresses are printed: text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  dev->footer(
      "Example:\n  blixardd dev --data-dir ./cluster\n"
      "Exit codes: 0 stopped by SIGTERM or SIGINT; 1 cannot start, or a disk failed; 2 wrong "
      "usage.");
  dev->callback([flags, exit_code] { *exit_code = Dev(*flags); });
}

}  // namespace blixard::rpc
