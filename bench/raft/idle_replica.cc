// What a replica holds while its group is idle: a process that starts one, with its log on disk,
// lets it lead for a while and asks the kernel.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "bench/raft/counting_state_machine.h"
#include "bench/raft/load_command.h"
#include "bench/raft/proposal_load.h"
#include "bench/raft/resident_memory.h"
#include "bench/result.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"

namespace blixard::bench {
namespace {

constexpr raft::ClusterId kCluster{1};
constexpr raft::ReplicaId kReplica{1};
constexpr double kPromisedMiB = 16;
constexpr auto kElectionPoll = std::chrono::milliseconds(20);
constexpr auto kIdle = std::chrono::milliseconds(500);

class NoPeers : public raft::Transport {
  void Send(const raft::Message&) override {}
  void Flush() override {}
};

// It leads, carries out a little, and then has nothing to do.
absl::StatusOr<double> ResidentMiBWhenIdle(const std::string& directory) {
  raft::PosixFileSystem files;
  absl::StatusOr<raft::OpenedWal> opened =
      raft::Wal::Open(files, memory::BufferPool::Default(),
                      {.directory = directory, .cluster = kCluster, .replica = kReplica});
  if (!opened.ok()) return opened.status();
  NoPeers transport;
  raft::PassThroughPlanner planner;
  CountingStateMachine state_machine;
  raft::ReplicaConfig config;
  config.cluster = kCluster;
  config.id = kReplica;
  config.voters = {kReplica};
  auto replica = raft::Replica::Start(config,
                                      {.storage = *opened->wal,
                                       .transport = transport,
                                       .planner = planner,
                                       .state_machine = state_machine},
                                      std::move(opened->recovered), [](const absl::Status&) {});
  if (!replica.ok()) return replica.status();
  while ((*replica)->leader() != kReplica) std::this_thread::sleep_for(kElectionPoll);
  ProposalLoad load(**replica);
  if (!load.Run({.outstanding = 1, .milliseconds = 100}).has_value()) {
    return absl::UnavailableError("the only replica lost its leadership");
  }
  std::this_thread::sleep_for(kIdle);
  const double resident_mib = ResidentMiB("self");
  (*replica)->Stop();
  return resident_mib;
}

int Run(const std::string& parent, const std::string& output) {
  const std::string directory = fmt::format("{}/idle_replica.{}", parent, getpid());
  const absl::StatusOr<double> resident_mib = ResidentMiBWhenIdle(directory);
  std::filesystem::remove_all(directory);
  if (!resident_mib.ok()) {
    fmt::print(stderr, "idle_replica: {}\n", resident_mib.status().ToString());
    return 1;
  }
  const std::vector<Result> results = {{.group = "raft",
                                        .subject = "resident memory of a replica, group idle",
                                        .value = *resident_mib,
                                        .unit = "MiB",
                                        .target = fmt::format("< {} MiB", kPromisedMiB),
                                        .reached = *resident_mib < kPromisedMiB}};
  output == "json" ? PrintJson(results, stdout) : PrintText(results, stdout);
  return 0;
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  std::string directory = std::filesystem::temp_directory_path();
  std::string output = "text";
  bool quick = false;
  CLI::App app("Starts one replica and says what memory it holds when nothing happens.");
  app.footer(
      "Example: idle_replica --output=json\n"
      "Exit codes: 0 measured, target reached or not; 1 something failed; 2 wrong usage.");
  app.add_option("--directory", directory, "where the log goes");
  app.add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--quick", quick, "as for the other programs; this one is quick anyway");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return blixard::bench::Run(directory, output);
}
