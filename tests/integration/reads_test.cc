// Reads of real processes: never older than what was acknowledged before they were asked for,
// whoever is asked, and none at all from a leader that has lost its majority.
#include <atomic>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

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
  std::unique_ptr<PlacementClient> ClientOf(uint64_t id) {
    auto client = PlacementClient::Create({.endpoints = {addresses()[id - 1]},
                                           .attempt_timeout = absl::Seconds(5),
                                           .call_timeout = absl::Milliseconds(3500),
                                           .retry_pause = absl::Seconds(5)});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  static v1::GetVmRequest Request(const std::string& name, v1::Consistency consistency) {
    v1::GetVmRequest request;
    request.set_name(name);
    request.set_consistency(consistency);
    return request;
  }

  absl::StatusOr<v1::GetVmResponse> GetAt(uint64_t id, const std::string& name,
                                          v1::Consistency consistency) {
    return ClientOf(id)->GetVm(Request(name, consistency));
  }

  static void Create(PlacementClient& client, const std::string& name) {
    v1::CreateVmRequest request;
    request.set_name(name);
    request.mutable_resources()->set_vcpu_milli(1);
    request.mutable_resources()->set_memory_mib(1);
    const auto created = client.CreateVm(request);
    ASSERT_TRUE(created.ok()) << created.status();
    ASSERT_TRUE(created->has_placement());
  }
};

TEST_F(ReadsTest, EveryReplicaShowsAWriteAsSoonAsItIsAnswered) {
  for (int i = 0; i < 100; ++i) {
    const std::string name = absl::StrCat("vm-", i);
    Create(*client_, name);
    for (uint64_t id : {1, 2, 3}) {
      const auto found = GetAt(id, name, v1::CONSISTENCY_LINEARIZABLE);
      EXPECT_TRUE(found.ok()) << "replica " << id << ", " << name << ": " << found.status();
    }
  }
}

TEST_F(ReadsTest, ALeaderWithoutItsMajorityAnswersStaleReadsOnly) {
  Create(*client_, "before");
  const uint64_t leader = AwaitLeader();
  for (uint64_t id : {1, 2, 3}) {
    if (id != leader) Suspend(id);
  }
  const auto refused = GetAt(leader, "before", v1::CONSISTENCY_LINEARIZABLE);
  EXPECT_TRUE(absl::IsDeadlineExceeded(refused.status())) << refused.status();
  const auto stale = GetAt(leader, "before", v1::CONSISTENCY_STALE);
  EXPECT_TRUE(stale.ok()) << stale.status();
  for (uint64_t id : {1, 2, 3}) Resume(id);
  const auto found = client_->GetVm(Request("before", v1::CONSISTENCY_LINEARIZABLE));
  EXPECT_TRUE(found.ok()) << "with a majority it goes on: " << found.status();
}

// Reads wait in the socket of a leader that sleeps; when it wakes up it still takes itself for the
// leader, while another one has answered a write since. Stale reads beside them show what would be
// the answer.
TEST_F(ReadsTest, ALeaderThatOversleptItsOfficeNeverShowsWhatIsOlder) {
  std::atomic<int> old_answers{0};
  std::atomic<int> old_stale_answers{0};
  for (int round = 0; round < 2; ++round) {
    const std::string name = absl::StrCat("vm-", round);
    const uint64_t old = AwaitLeader();
    auto client = ClientOf(old);
    client->GetVm(Request(name, v1::CONSISTENCY_STALE)).status().IgnoreError();  // connects
    Suspend(old);
    std::vector<std::string> others = addresses();
    others.erase(others.begin() + static_cast<ptrdiff_t>(old) - 1);
    auto writer = PlacementClient::Create({.endpoints = others});
    ASSERT_TRUE(writer.ok()) << writer.status();
    Create(**writer, name);
    const auto ask = [&](v1::Consistency consistency, std::atomic<int>& olds) {
      client->GetVm(Request(name, consistency),
                    [&olds](const absl::StatusOr<v1::GetVmResponse>& found) {
                      if (absl::IsNotFound(found.status())) ++olds;
                    });
    };
    for (int i = 0; i < 32; ++i) {
      ask(v1::CONSISTENCY_LINEARIZABLE, old_answers);
      ask(v1::CONSISTENCY_STALE, old_stale_answers);
    }
    absl::SleepFor(absl::Milliseconds(200));
    Resume(old);
    client.reset();  // waits for the answers
  }
  EXPECT_EQ(old_answers.load(), 0);
  std::cout << old_stale_answers.load() << " of 64 stale reads showed what is older\n";
}

}  // namespace
}  // namespace blixard::rpc
