// Three blixardd processes on loopback, and what a test of faults does to them.
#ifndef BLIXARD_TESTS_INTEGRATION_CLUSTER_PROCESSES_H_
#define BLIXARD_TESTS_INTEGRATION_CLUSTER_PROCESSES_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rpc/cli/replay.h"
#include "rpc/cli/verification.h"
#include "rpc/client/placement_client.h"
#include "rpc/daemon/dev_cluster.h"
#include "scheduler/traces/trace.h"
#include "tests/raft/storage/volatile_directory.h"

namespace blixard::rpc {

class ClusterProcesses : public ::testing::Test {
 protected:
  void SetUp() override;
  virtual size_t replicas() const { return 3; }  // that begin the cluster

  std::vector<std::string> addresses() const;

  // Asks until some replica says that it leads.
  uint64_t AwaitLeader();

  // kill -9, and the start of the same replica on the same data.
  void Kill(uint64_t id);
  void Restart(uint64_t id);
  // SIGSTOP and SIGCONT.
  void Suspend(uint64_t id);
  void Resume(uint64_t id);

  // Registers the nodes of `trace` and replays it. `at_share` is called with the share of requests
  // answered so far, again and again; faults are injected from there.
  ReplayLog Replay(const scheduler::traces::Trace& trace,
                   std::function<void(double share)> at_share);

  // All replicas agree with each other and with what was acknowledged.
  void ExpectNothingLostOrDoubled(const scheduler::traces::Trace& trace, const ReplayLog& log);

  // Who is killed keeps what it wrote, synced or not: these tests ask nothing of a disk.
  VolatileDirectory directory_;
  std::unique_ptr<DevCluster> cluster_;
  std::unique_ptr<PlacementClient> client_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_TESTS_INTEGRATION_CLUSTER_PROCESSES_H_
