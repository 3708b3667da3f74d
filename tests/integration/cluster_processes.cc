#include "tests/integration/cluster_processes.h"

#include <signal.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rpc/client/replica_client.h"

namespace blixard::rpc {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(120);

std::string DaemonPath() {
  return absl::StrCat(std::getenv("TEST_SRCDIR"), "/", std::getenv("TEST_WORKSPACE"),
                      "/rpc/daemon/blixardd");
}

}  // namespace

void ClusterProcesses::SetUp() {
  absl::StatusOr<std::unique_ptr<DevCluster>> cluster = DevCluster::Start(
      {.replicas = replicas(), .data_directory = directory_.path(), .program = DaemonPath()},
      nullptr);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  cluster_ = *std::move(cluster);
  absl::StatusOr<std::unique_ptr<PlacementClient>> client =
      PlacementClient::Create({.endpoints = addresses(), .call_timeout = kPatience});
  ASSERT_TRUE(client.ok()) << client.status();
  client_ = *std::move(client);
}

std::vector<std::string> ClusterProcesses::addresses() const {
  std::vector<std::string> addresses;
  for (const DevCluster::Member& member : cluster_->members()) addresses.push_back(member.address);
  return addresses;
}

uint64_t ClusterProcesses::AwaitLeader() {
  const absl::Time deadline = absl::Now() + kPatience;
  while (absl::Now() < deadline) {
    for (const std::string& address : addresses()) {
      const auto status = ReplicaClient(address, absl::Seconds(5)).GetStatus();
      if (status.ok() && status->role() == v1::ROLE_LEADER) return status->replica_id();
    }
  }
  ADD_FAILURE() << "no leader within " << kPatience;
  return 1;
}

void ClusterProcesses::Kill(uint64_t id) { cluster_->Signal(id, SIGKILL); }

void ClusterProcesses::Restart(uint64_t id) {
  const absl::Status started = cluster_->Restart(id);
  ASSERT_TRUE(started.ok()) << started;
}

void ClusterProcesses::Suspend(uint64_t id) { cluster_->Signal(id, SIGSTOP); }

void ClusterProcesses::Resume(uint64_t id) { cluster_->Signal(id, SIGCONT); }

ReplayLog ClusterProcesses::Replay(const scheduler::traces::Trace& trace,
                                   std::function<void(double share)> at_share) {
  const absl::Status registered = RegisterNodes(*client_, trace.nodes, 64);
  EXPECT_TRUE(registered.ok()) << registered;
  ReplayLog log = ReplayTrace(*client_, trace,
                              {.outstanding = 256, .progress = [&](size_t answered, size_t all) {
                                 at_share(static_cast<double>(answered) / static_cast<double>(all));
                               }});
  EXPECT_EQ(log.failed, 0u) << log.first_failure;
  EXPECT_EQ(log.requested, trace.vms.size());
  return log;
}

void ClusterProcesses::ExpectNothingLostOrDoubled(const scheduler::traces::Trace& trace,
                                                  const ReplayLog& log) {
  const absl::StatusOr<std::vector<ReplicaContent>> replicas = ReadReplicas(addresses(), kPatience);
  ASSERT_TRUE(replicas.ok()) << replicas.status();
  ASSERT_EQ(replicas->size(), 3u);
  const Verdict verdict = Verify(trace, log.vms, *replicas);
  EXPECT_TRUE(verdict.digests_equal);
  EXPECT_EQ(verdict.vms_lost, 0u);
  EXPECT_EQ(verdict.vms_duplicated, 0u);
  EXPECT_EQ(verdict.vms_misplaced, 0u);
  EXPECT_EQ(verdict.nodes_overcommitted, 0u);
  EXPECT_EQ(replicas->front().vms.size(), log.placed - log.deleted);
}

}  // namespace blixard::rpc
