// Reads of real processes: never older than what was acknowledged before they were asked for,
// whoever is asked, and none at all from a leader that has lost its majority.
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rpc/proto/placement.pb.h"
#include "tests/integration/cluster_processes.h"

namespace blixard::rpc {
namespace {

class ReadsTest : public ClusterProcesses {
 protected:
  void SetUp() override {
    ClusterProcesses::SetUp();
    v1::RegisterNodeRequest node;
    node.set_name("n1");
    node.mutable_capacity()->set_vcpu_milli(1'000'000);
    node.mutable_capacity()->set_memory_mib(1'000'000);
    const auto registered = client_->RegisterNode(node);
    ASSERT_TRUE(registered.ok()) << registered.status();
  }

  // Asks one replica only, and once.
  absl::StatusOr<v1::GetVmResponse> GetAt(uint64_t id, const std::string& name,
                                          v1::Consistency consistency) {
    auto client = PlacementClient::Create({.endpoints = {addresses()[id - 1]},
                                           .attempt_timeout = absl::Seconds(5),
                                           .call_timeout = absl::Milliseconds(3500),
                                           .retry_pause = absl::Seconds(5)});
    EXPECT_TRUE(client.ok()) << client.status();
    v1::GetVmRequest request;
    request.set_name(name);
    request.set_consistency(consistency);
    return (*client)->GetVm(request);
  }

  void Create(const std::string& name) {
    v1::CreateVmRequest request;
    request.set_name(name);
    request.mutable_resources()->set_vcpu_milli(1);
    request.mutable_resources()->set_memory_mib(1);
    const auto created = client_->CreateVm(request);
    ASSERT_TRUE(created.ok()) << created.status();
    ASSERT_TRUE(created->has_placement());
  }
};

TEST_F(ReadsTest, EveryReplicaShowsAWriteAsSoonAsItIsAnswered) {
  for (int i = 0; i < 100; ++i) {
    const std::string name = absl::StrCat("vm-", i);
    Create(name);
    for (uint64_t id : {1, 2, 3}) {
      const auto found = GetAt(id, name, v1::CONSISTENCY_LINEARIZABLE);
      EXPECT_TRUE(found.ok()) << "replica " << id << ", " << name << ": " << found.status();
    }
  }
}

TEST_F(ReadsTest, ALeaderWithoutItsMajorityAnswersStaleReadsOnly) {
  Create("before");
  const uint64_t leader = AwaitLeader();
  for (uint64_t id : {1, 2, 3}) {
    if (id != leader) Suspend(id);
  }
  const auto refused = GetAt(leader, "before", v1::CONSISTENCY_LINEARIZABLE);
  EXPECT_TRUE(absl::IsDeadlineExceeded(refused.status())) << refused.status();
  const auto stale = GetAt(leader, "before", v1::CONSISTENCY_STALE);
  EXPECT_TRUE(stale.ok()) << stale.status();
  for (uint64_t id : {1, 2, 3}) Resume(id);
  v1::GetVmRequest request;
  request.set_name("before");
  const auto found = client_->GetVm(request);
  EXPECT_TRUE(found.ok()) << "with a majority it goes on: " << found.status();
}

// The read waits in the socket of a leader that sleeps; when it wakes up it still takes itself for
// the leader, and another one has answered a write since.
TEST_F(ReadsTest, ALeaderThatOversleptItsOfficeNeverShowsWhatIsOlder) {
  for (int round = 0; round < 2; ++round) {
    const std::string name = absl::StrCat("vm-", round);
    const uint64_t old = AwaitLeader();
    Suspend(old);
    Create(name);
    absl::StatusOr<v1::GetVmResponse> found = absl::UnknownError("not asked");
    std::thread reader([&] { found = GetAt(old, name, v1::CONSISTENCY_LINEARIZABLE); });
    absl::SleepFor(absl::Milliseconds(200));
    Resume(old);
    reader.join();
    EXPECT_FALSE(absl::IsNotFound(found.status())) << "round " << round << ": an old answer";
  }
}

}  // namespace
}  // namespace blixard::rpc
