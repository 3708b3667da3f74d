// What idle groups cost when a process has many of them: three hubs in one process that reach each
// other over TCP, with the heartbeats of all groups gathered and with each group sending its own.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/raft/counting_state_machine.h"
#include "bench/result.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/group_hub.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/replica_config.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"
#include "rpc/transport/tcp_socket.h"
#include "rpc/transport/tcp_transport.h"

namespace blixard::bench {
namespace {

constexpr uint64_t kHosts = 3;
constexpr raft::ClusterId kFleet{1'000'000};
constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr auto kSettle = std::chrono::seconds(1);
constexpr auto kPatience = std::chrono::seconds(60);

struct Load {
  uint64_t groups = 0;
  std::chrono::milliseconds duration{0};
};

// The replicas of one process.
class Host {
 public:
  Host(uint64_t self, const std::map<raft::ReplicaId, std::string>& addresses,
       absl::Duration gather)
      : self_(self),
        wire_(rpc::TcpTransport::Listen(
                  {.cluster = kFleet, .self = raft::ReplicaId{self}, .addresses = addresses})
                  .value()),
        hub_(raft::GroupHub::Create({.self = raft::ReplicaId{self}, .gather = gather}, *wire_)
                 .value()) {
    wire_->Serve(*hub_);
  }

  ~Host() {
    for (const auto& [group, member] : members_) {
      member->replica->Stop();
      hub_->Leave(group);
    }
    hub_->Stop();
    wire_->Stop();
  }

  void Start(raft::ClusterId group, const std::string& directory) {
    auto member = std::make_unique<Member>();
    raft::ReplicaConfig config;
    config.cluster = group;
    config.id = raft::ReplicaId{self_};
    for (uint64_t host = 1; host <= kHosts; ++host) config.voters.push_back(raft::ReplicaId{host});
    config.seed = static_cast<uint64_t>(group);
    config.election_ticks = 20;
    config.max_batch_bytes = 32 << 10;  // fits a segment
    raft::OpenedWal opened = raft::Wal::Open(files_, memory::BufferPool::Default(),
                                             {.directory = directory,
                                              .cluster = group,
                                              .replica = config.id,
                                              .segment_bytes = 64 << 10})
                                 .value();
    member->wal = std::move(opened.wal);
    member->replica = raft::Replica::Start(config,
                                           {.storage = *member->wal,
                                            .transport = hub_->Join(group),
                                            .planner = member->planner,
                                            .state_machine = member->state_machine},
                                           std::move(opened.recovered), nullptr)
                          .value();
    hub_->Serve(group, *member->replica);
    members_[group] = std::move(member);
  }

  bool KnowsAllLeaders() const {
    for (const auto& [group, member] : members_) {
      if (member->replica->leader() == raft::kNoReplica) return false;
    }
    return true;
  }

  uint64_t messages() const {
    const raft::GroupHubCounters counters = hub_->counters();
    return counters.messages_sent + counters.gathered.bundles;
  }

 private:
  struct Member {
    std::unique_ptr<raft::Wal> wal;
    raft::PassThroughPlanner planner;
    CountingStateMachine state_machine;
    std::unique_ptr<raft::Replica> replica;
  };

  const uint64_t self_;
  raft::PosixFileSystem files_;
  std::map<raft::ClusterId, std::unique_ptr<Member>> members_;
  const std::unique_ptr<rpc::TcpTransport> wire_;
  const std::unique_ptr<raft::GroupHub> hub_;
};

// Ports that were free a moment ago.
std::map<raft::ReplicaId, std::string> ReserveAddresses() {
  std::map<raft::ReplicaId, std::string> addresses;
  std::vector<rpc::TcpSocket> held;
  for (uint64_t host = 1; host <= kHosts; ++host) {
    held.push_back(rpc::TcpSocket::Listen("127.0.0.1:0").value());
    addresses[raft::ReplicaId{host}] = held.back().LocalAddress();
  }
  return addresses;
}

// Of the whole process.
double CpuMicroseconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Per group and second.
struct IdleCost {
  double messages = 0;
  double cpu_microseconds = 0;
};

absl::StatusOr<IdleCost> Measure(const Load& load, absl::Duration gather,
                                 const std::string& directory) {
  std::filesystem::create_directories(directory);
  const std::map<raft::ReplicaId, std::string> addresses = ReserveAddresses();
  std::vector<std::unique_ptr<Host>> hosts;
  for (uint64_t self = 1; self <= kHosts; ++self) {
    hosts.push_back(std::make_unique<Host>(self, addresses, gather));
    for (uint64_t group = 1; group <= load.groups; ++group) {
      hosts.back()->Start(raft::ClusterId{group}, fmt::format("{}/{}-{}", directory, self, group));
    }
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (const auto& host : hosts) {
    while (!host->KnowsAllLeaders()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return absl::UnavailableError("some group has no leader");
      }
      std::this_thread::sleep_for(kPoll);
    }
  }
  std::this_thread::sleep_for(kSettle);
  const auto messages = [&] {
    uint64_t sum = 0;
    for (const auto& host : hosts) sum += host->messages();
    return static_cast<double>(sum);
  };
  const double messages_before = messages();
  const double cpu_before = CpuMicroseconds();
  std::this_thread::sleep_for(load.duration);
  const double group_seconds =
      static_cast<double>(load.groups) * std::chrono::duration<double>(load.duration).count();
  return IdleCost{.messages = (messages() - messages_before) / group_seconds,
                  .cpu_microseconds = (CpuMicroseconds() - cpu_before) / group_seconds};
}

Result RowOf(const std::string& what, const std::string& unit, double gathered, double alone) {
  return {.group = "raft",
          .subject = what + " of an idle group, heartbeats of all groups gathered",
          .value = gathered,
          .unit = unit,
          .peer = "each group sends its own",
          .peer_value = alone,
          .ratio = alone / gathered};
}

int Run(const Load& load, const std::string& parent, const std::string& output) {
  const std::string directory = fmt::format("{}/idle_groups.{}", parent, getpid());
  std::vector<IdleCost> costs;
  for (const absl::Duration gather : {absl::Milliseconds(5), absl::ZeroDuration()}) {
    const absl::StatusOr<IdleCost> cost = Measure(load, gather, directory);
    std::filesystem::remove_all(directory);
    if (!cost.ok()) {
      fmt::print(stderr, "idle_groups: {}\n", cost.status().ToString());
      return 1;
    }
    costs.push_back(*cost);
  }
  const std::vector<Result> results = {
      RowOf("messages", "/s", costs[0].messages, costs[1].messages),
      RowOf("processor time", "us/s", costs[0].cpu_microseconds, costs[1].cpu_microseconds)};
  output == "json" ? PrintJson(results, stdout) : PrintText(results, stdout);
  return 0;
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  std::string directory = std::filesystem::temp_directory_path();
  std::string output = "text";
  bool quick = false;
  uint64_t groups = 100;
  CLI::App app(
      "Says what many idle groups of three replicas cost, with and without a shared hub's "
      "gathering of heartbeats.");
  app.footer(
      "Example: idle_groups --groups=50 --output=json\n"
      "Exit codes: 0 measured; 1 something failed; 2 wrong usage.");
  app.add_option("--directory", directory, "where the logs go");
  app.add_option("--groups", groups, "how many")->check(CLI::Range(1, 400));
  app.add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--quick", quick, "a fifth of the time");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const blixard::bench::Load load{.groups = groups,
                                  .duration = std::chrono::milliseconds(quick ? 1000 : 5000)};
  return blixard::bench::Run(load, directory, output);
}
