// A restart that rolls over all replicas under load: clients notice a pause, never an error.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rpc/client/replica_client.h"
#include "rpc/proto/placement.pb.h"
#include "tests/integration/cluster_processes.h"

namespace blixard::rpc {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

// Creates, reads and deletes VMs on some threads until it is stopped.
class Load {
 public:
  Load(PlacementClient& client, int threads) : client_(client) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i] { Run(i); });
  }
  ~Load() { Stop(); }

  void Stop() {
    stop_.store(true);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  uint64_t answered() const { return answered_.load(); }
  // Of a single call, since the last time it was asked for.
  absl::Duration TakeLongest() {
    std::lock_guard lock(mutex_);
    return std::exchange(longest_, absl::ZeroDuration());
  }
  std::vector<std::string> failures() {
    std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  void Run(int thread) {
    for (int i = 0; !stop_.load(); ++i) {
      const std::string name = absl::StrCat("vm-", thread, "-", i);
      v1::CreateVmRequest create;
      create.set_name(name);
      create.mutable_resources()->set_vcpu_milli(1);
      create.mutable_resources()->set_memory_mib(1);
      Call([&] { return client_.CreateVm(create).status(); });
      v1::GetVmRequest get;
      get.set_name(name);
      Call([&] { return client_.GetVm(get).status(); });
      v1::DeleteVmRequest remove;
      remove.set_name(name);
      Call([&] { return client_.DeleteVm(remove).status(); });
    }
  }

  template <class Step>
  void Call(Step step) {
    const absl::Time begin = absl::Now();
    const absl::Status status = step();
    const absl::Duration took = absl::Now() - begin;
    std::lock_guard lock(mutex_);
    longest_ = std::max(longest_, took);
    if (status.ok()) {
      answered_.fetch_add(1);
    } else {
      failures_.push_back(status.ToString());
    }
  }

  PlacementClient& client_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> answered_{0};
  std::mutex mutex_;
  absl::Duration longest_;             // guarded by mutex_
  std::vector<std::string> failures_;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

class RollingRestartTest : public ClusterProcesses {
 protected:
  // The replica has joined again and holds what its leader has committed.
  void AwaitCaughtUp(uint64_t id) {
    const absl::Time deadline = absl::Now() + kPatience;
    uint64_t wanted = 0;
    while (absl::Now() < deadline) {
      const auto self = ReplicaClient(addresses()[id - 1], absl::Seconds(2)).GetStatus();
      if (self.ok() && self->leader_id() != 0) {
        if (wanted == 0) wanted = CommitIndexOf(self->leader_id());
        if (wanted != 0 && self->applied_index() >= wanted) return;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
    ADD_FAILURE() << "replica " << id << " has not caught up within " << kPatience;
  }

  uint64_t CommitIndexOf(uint64_t id) {
    const auto status = ReplicaClient(addresses()[id - 1], absl::Seconds(2)).GetStatus();
    return status.ok() ? status->commit_index() : 0;
  }
};

TEST_F(RollingRestartTest, NoRequestFailsWhileAllReplicasAreRestartedInTurn) {
  v1::RegisterNodeRequest node;
  node.set_name("n1");
  node.mutable_capacity()->set_vcpu_milli(1'000'000);
  node.mutable_capacity()->set_memory_mib(1'000'000);
  ASSERT_TRUE(client_->RegisterNode(node).ok());
  Load load(*client_, 4);
  std::vector<uint64_t> order = {1, 2, 3};
  std::swap(order[0], order[AwaitLeader() - 1]);  // a leader is among them for sure
  for (uint64_t id : order) {
    const bool led = AwaitLeader() == id;
    load.TakeLongest();
    cluster_->Signal(id, SIGTERM);
    Restart(id);  // waits for its end
    AwaitCaughtUp(id);
    std::cout << "restarting replica " << id << (led ? ", the leader," : "")
              << " made one call wait for " << load.TakeLongest() << "\n";
  }
  const uint64_t before = load.answered();
  const absl::Time deadline = absl::Now() + kPatience;
  while (load.answered() < before + 100 && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_GE(load.answered(), before + 100) << "the load goes on";
  load.Stop();
  const std::vector<std::string> failures = load.failures();
  EXPECT_TRUE(failures.empty()) << failures.size() << " calls failed, first: " << failures.front();
  std::cout << load.answered() << " calls answered, " << client_->counters().retries
            << " attempts repeated\n";
}

}  // namespace
}  // namespace blixard::rpc
