// What a snapshot costs the proposals beside it (L16): a lone voter with log and snapshots on one
// disk, proposals one at a time, in turn without a snapshot and while one is written at the rate of
// the replica's settings.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/raft/counting_state_machine.h"
#include "bench/raft/load_command.h"
#include "bench/raft/load_figures.h"
#include "bench/raft/proposal_load.h"
#include "bench/result.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/replica_request.h"
#include "raft/runtime/replica_status.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "raft/runtime/transport.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/wal.h"

namespace blixard::bench {
namespace {

constexpr raft::ClusterId kCluster{1};
constexpr raft::ReplicaId kReplica{1};
constexpr auto kPoll = std::chrono::milliseconds(5);
constexpr size_t kPieceBytes = size_t{64} << 10;

struct Plan {
  std::string directory;
  size_t rounds = 5;
  uint64_t milliseconds = 2000;  // of load, each time
};

class NoPeers : public raft::Transport {
  void Send(const raft::Message&) override {}
  void Flush() override {}
};

// Its picture is as large as it is told to be.
class LargeStateMachine : public CountingStateMachine {
 public:
  explicit LargeStateMachine(size_t bytes) : bytes_(bytes) {}
  std::unique_ptr<raft::StateView> Freeze() override { return std::make_unique<View>(bytes_); }

 private:
  class View : public raft::StateView {
   public:
    explicit View(size_t bytes) : bytes_(bytes) {}
    absl::Status WriteTo(raft::SnapshotSink& sink) override {
      const std::string piece(kPieceBytes, 'x');
      for (size_t written = 0; written < bytes_; written += piece.size()) {
        if (absl::Status status = sink.Write(piece); !status.ok()) return status;
      }
      return absl::OkStatus();
    }

   private:
    const size_t bytes_;
  };

  const size_t bytes_;
};

raft::ReplicaConfig Config() {
  raft::ReplicaConfig config;
  config.cluster = kCluster;
  config.id = kReplica;
  config.voters = {kReplica};
  return config;
}

double SnapshotBytesPerSecond() {
  const raft::ReplicaConfig config = Config();
  return static_cast<double>(config.snapshot_bytes_per_tick) / absl::ToDoubleSeconds(config.tick);
}

uint64_t SnapshotsEnded(raft::Replica& replica) {
  const raft::SnapshotCounters counters = replica.Status().counters.snapshots;
  return counters.taken + counters.failed;
}

absl::StatusOr<LoadResult> Load(ProposalLoad& load, const Plan& plan) {
  const std::optional<std::string> line =
      load.Run({.outstanding = 1, .milliseconds = plan.milliseconds});
  const std::optional<LoadResult> result = ParseLoadResult(line.value_or(""));
  if (!result) return absl::UnavailableError("the only replica lost its leadership");
  return *result;
}

// The snapshot lasts longer than the load, and is over when this returns.
absl::StatusOr<LoadResult> LoadBesideASnapshot(raft::Replica& replica, ProposalLoad& load,
                                               const Plan& plan) {
  const uint64_t ended = SnapshotsEnded(replica);
  replica.Request({.kind = raft::ReplicaRequest::Kind::kTakeSnapshot});
  absl::StatusOr<LoadResult> result = Load(load, plan);
  if (SnapshotsEnded(replica) != ended) {
    return absl::InternalError("the snapshot ended before the load");
  }
  while (SnapshotsEnded(replica) == ended) std::this_thread::sleep_for(kPoll);
  return result;
}

double Median(std::vector<LoadResult>& results, double LoadResult::*figure) {
  const auto middle = results.begin() + static_cast<std::ptrdiff_t>(results.size() / 2);
  std::nth_element(results.begin(), middle, results.end(),
                   [&](const auto& a, const auto& b) { return a.*figure < b.*figure; });
  return (*middle).*figure;
}

Result Row(const char* name, double LoadResult::*figure, std::vector<LoadResult>& beside,
           std::vector<LoadResult>& alone) {
  const double value = Median(beside, figure);
  const double peer = Median(alone, figure);
  return {.group = "raft",
          .subject = fmt::format("{} of a proposal, one voter, a snapshot written at {:.0f} MiB/s",
                                 name, SnapshotBytesPerSecond() / (1 << 20)),
          .value = value,
          .unit = "us",
          .peer = "without a snapshot",
          .peer_value = peer,
          .ratio = peer / value};
}

absl::StatusOr<std::vector<Result>> Measure(const Plan& plan) {
  raft::PosixFileSystem files;
  absl::StatusOr<raft::OpenedWal> opened = raft::Wal::Open(
      files, memory::BufferPool::Default(),
      {.directory = plan.directory + "/wal", .cluster = kCluster, .replica = kReplica});
  if (!opened.ok()) return opened.status();
  auto snapshots = raft::SnapshotStore::Open(
      files, {.directory = plan.directory + "/snapshots", .cluster = kCluster});
  if (!snapshots.ok()) return snapshots.status();
  NoPeers transport;
  raft::PassThroughPlanner planner;
  const double seconds = static_cast<double>(plan.milliseconds) / 1000;
  LargeStateMachine state_machine(static_cast<size_t>(SnapshotBytesPerSecond() * seconds * 1.5));
  auto replica = raft::Replica::Start(Config(),
                                      {.storage = *opened->wal,
                                       .transport = transport,
                                       .planner = planner,
                                       .state_machine = state_machine,
                                       .snapshots = snapshots->get()},
                                      std::move(opened->recovered), [](const absl::Status&) {});
  if (!replica.ok()) return replica.status();
  while ((*replica)->leader() != kReplica) std::this_thread::sleep_for(kPoll);
  ProposalLoad load(**replica);
  std::vector<LoadResult> alone, beside;
  absl::Status failed;
  for (size_t round = 0; round < plan.rounds && failed.ok(); ++round) {
    absl::StatusOr<LoadResult> one = Load(load, plan);
    absl::StatusOr<LoadResult> other = LoadBesideASnapshot(**replica, load, plan);
    failed.Update(one.status());
    failed.Update(other.status());
    if (!failed.ok()) break;
    alone.push_back(*one);
    beside.push_back(*other);
  }
  (*replica)->Stop();
  if (!failed.ok()) return failed;
  return std::vector<Result>{Row("p50", &LoadResult::p50_us, beside, alone),
                             Row("p99", &LoadResult::p99_us, beside, alone)};
}

int Run(Plan plan, const std::string& output) {
  plan.directory = fmt::format("{}/snapshot_latency.{}", plan.directory, getpid());
  std::filesystem::create_directories(plan.directory);
  const absl::StatusOr<std::vector<Result>> results = Measure(plan);
  std::filesystem::remove_all(plan.directory);
  if (!results.ok()) {
    fmt::print(stderr, "snapshot_latency: {}\n", results.status().ToString());
    return 1;
  }
  output == "json" ? PrintJson(*results, stdout) : PrintText(*results, stdout);
  return 0;
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  blixard::bench::Plan plan{.directory = std::filesystem::temp_directory_path()};
  std::string output = "text";
  bool quick = false;
  CLI::App app("Measures proposals while a snapshot is written, and without one.");
  app.footer(
      "Takes about 30 s, with --quick 5 s. Writes snapshots of 240 MiB.\n"
      "Example: snapshot_latency --output=json\n"
      "Exit codes: 0 measured; 1 something failed; 2 wrong usage.");
  app.add_option("--directory", plan.directory, "where log and snapshots go: a disk, not tmpfs");
  app.add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--quick", quick, "one short round");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (quick) {
    plan.rounds = 1;
    plan.milliseconds = 1000;
  }
  return blixard::bench::Run(plan, output);
}
